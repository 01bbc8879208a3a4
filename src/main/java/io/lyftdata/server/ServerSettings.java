package io.lyftdata.server;

import io.lyftdata.config.Setting;
import io.lyftdata.config.Setting.Kind;
import java.util.List;

/** The server's settings that can be given by flag or variable; all others are keys of {@code config.yml} only. */
public final class ServerSettings {
    public static final List<Setting> ALL = List.of(
            Setting.of("--bind-address", "LYFTDATA_BIND_ADDRESS", Kind.TEXT, "where the API listens"),
            Setting.of(
                    "--admin-bind-address",
                    "LYFTDATA_ADMIN_BIND_ADDRESS",
                    Kind.TEXT,
                    "where the admin connector listens; loopback only"),
            Setting.of(
                    "--staging-dir",
                    "LYFTDATA_STAGING_DIR",
                    Kind.TEXT,
                    "the server's data; only its owner may read it"),
            Setting.of("--tls-cert", "LYFTDATA_TLS_CERT", Kind.TEXT, "PEM file with the certificate and its chain"),
            Setting.of("--tls-key", "LYFTDATA_TLS_KEY", Kind.TEXT, "PEM file with the certificate's private key"),
            Setting.of(
                    "--tls-san",
                    "LYFTDATA_TLS_SAN",
                    Kind.LIST,
                    "more names and addresses for the server's own certificate"),
            Setting.ofVariable("LYFTDATA_TLS_KEY_PASSPHRASE", Kind.SECRET, "opens an encrypted private key"),
            Setting.of("--disable-tls", "LYFTDATA_DISABLE_TLS", Kind.SWITCH, "speak plain HTTP, behind a TLS proxy"),
            Setting.of(
                    "--trusted-proxies",
                    "LYFTDATA_TRUSTED_PROXIES",
                    Kind.LIST,
                    "proxies whose forwarded header is believed"),
            Setting.of(
                    "--forwarded-header",
                    "LYFTDATA_FORWARDED_HEADER",
                    Kind.TEXT,
                    "X-Forwarded-For or Forwarded: the one header that is read"),
            Setting.of(
                    "--whitelist",
                    "LYFTDATA_API_WHITELIST",
                    Kind.LIST,
                    "addresses of collectors that may read metrics and logs without a token"),
            Setting.of(
                    "--auto-enrollment-key",
                    "LYFTDATA_AUTO_ENROLLMENT_KEY",
                    Kind.SECRET,
                    "shared secret by which workers join; at least 32 characters"),
            Setting.of(
                    "--database-url",
                    "LYFTDATA_DATABASE_URL",
                    Kind.SECRET,
                    "jdbc:postgresql://...; without it SQLite in the staging directory"),
            Setting.ofVariable(
                    "LYFTDATA_ADMIN_INIT_PASSWORD",
                    Kind.SECRET,
                    "the first password of the user admin; without it a random one is written to a file"),
            Setting.ofFlag(
                    "--reset-admin-password",
                    Kind.SWITCH,
                    "set admin's password to LYFTDATA_ADMIN_INIT_PASSWORD, once per value"),
            Setting.ofFlag(
                    "--accept-ledger-loss",
                    Kind.SWITCH,
                    "for one start with a lost ledger: ends all sessions and tokens, makes every worker renew its key"),
            Setting.of("--log-retention-days", "LYFTDATA_LOG_RETENTION_DAYS", Kind.TEXT, "how many days logs are kept"),
            Setting.of(
                    "--disk-usage-max-percentage",
                    "LYFTDATA_DB_DISK_USE_MAX_PERCENT",
                    Kind.TEXT,
                    "how full the disk may get before the oldest logs go"),
            Setting.of("--log-level", "LYFTDATA_LOG_LEVEL", Kind.TEXT, "error, warn, info, debug or trace"),
            Setting.of(
                    "--built-in-worker",
                    "LYFTDATA_BUILT_IN_WORKER",
                    Kind.SWITCH,
                    "run a worker inside the server, for evaluation"));

    private ServerSettings() {}
}
