package io.lyftdata.server;

import io.lyftdata.account.SessionConfig;
import io.lyftdata.allowlist.Allowlist;
import io.lyftdata.apikey.ApiKeyConfig;
import io.lyftdata.auth.Addresses;
import io.lyftdata.auth.TrustedProxies;
import io.lyftdata.backup.BackupConfig;
import io.lyftdata.certificate.Demands;
import io.lyftdata.certificate.GivenMaterial;
import io.lyftdata.chain.AuditConfig;
import io.lyftdata.clone.CloneConfig;
import io.lyftdata.config.HostPort;
import io.lyftdata.config.Secret;
import io.lyftdata.heartbeat.HeartbeatConfig;
import io.lyftdata.logs.LogConfig;
import io.lyftdata.metrics.MetricsConfig;
import io.lyftdata.posture.PostureConfig;
import io.lyftdata.rotation.RotationConfig;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/**
 * Everything that can be set, checked and with its defaults; {@code config.yml} explains each key.
 *
 * @param stagingDir may begin with {@code ~}
 * @param tlsConscrypt a jar whose TLS serves when it can; null: the JDK's
 * @param databaseUrl a secret, since it may hold a password; null: SQLite in the staging directory
 * @param autoEnrollmentKey null: none is taken over
 */
public record ServerConfig(
        HostPort bindAddress,
        HostPort adminBindAddress,
        Path stagingDir,
        String tlsCert,
        String tlsKey,
        List<String> tlsSan,
        Secret tlsKeyPassphrase,
        Path tlsConscrypt,
        Boolean disableTls,
        List<String> trustedProxies,
        String forwardedHeader,
        List<String> whitelist,
        Secret autoEnrollmentKey,
        Secret databaseUrl,
        Secret adminInitPassword,
        Boolean resetAdminPassword,
        Boolean acceptLedgerLoss,
        Integer logRetentionDays,
        Integer diskUsageMaxPercentage,
        String logLevel,
        Boolean builtInWorker,
        SessionConfig session,
        ApiKeyConfig apiKey,
        RotationConfig rotation,
        HeartbeatConfig heartbeat,
        CloneConfig clones,
        MetricsConfig metrics,
        PostureConfig posture,
        BackupConfig backup,
        AuditConfig audit) {
    private static final Set<String> LEVELS = Set.of("error", "warn", "info", "debug", "trace");
    private static final int SHORTEST_ENROLLMENT_KEY = 32;

    public ServerConfig {
        bindAddress = bindAddress == null ? HostPort.parse("127.0.0.1:3000") : bindAddress;
        adminBindAddress = adminBindAddress == null ? HostPort.parse("127.0.0.1:3001") : adminBindAddress;
        stagingDir = stagingDir == null ? Path.of("~/.local/lyftdata") : stagingDir;
        tlsSan = tlsSan == null ? List.of() : List.copyOf(tlsSan);
        disableTls = disableTls != null && disableTls;
        trustedProxies = trustedProxies == null ? List.of() : List.copyOf(trustedProxies);
        forwardedHeader = forwardedHeader == null ? "X-Forwarded-For" : forwardedHeader;
        whitelist = whitelist == null ? List.of() : List.copyOf(whitelist);
        resetAdminPassword = resetAdminPassword != null && resetAdminPassword;
        acceptLedgerLoss = acceptLedgerLoss != null && acceptLedgerLoss;
        logRetentionDays = logRetentionDays == null ? LogConfig.DEFAULT_RETENTION_DAYS : logRetentionDays;
        diskUsageMaxPercentage =
                diskUsageMaxPercentage == null ? LogConfig.DEFAULT_DISK_USAGE_MAX_PERCENTAGE : diskUsageMaxPercentage;
        logLevel = logLevel == null ? "info" : logLevel.toLowerCase(Locale.ROOT);
        builtInWorker = builtInWorker != null && builtInWorker;
        session = session == null ? new SessionConfig(null, null) : session;
        apiKey = apiKey == null ? new ApiKeyConfig(null) : apiKey;
        rotation = rotation == null ? new RotationConfig(null, null, null) : rotation;
        heartbeat = heartbeat == null ? new HeartbeatConfig(null) : heartbeat;
        clones = clones == null ? new CloneConfig(null) : clones;
        metrics = metrics == null ? new MetricsConfig(null) : metrics;
        posture = posture == null ? new PostureConfig(null) : posture;
        backup = backup == null ? new BackupConfig(null, null, null, null, null, null, null, null, null) : backup;
        audit = audit == null ? new AuditConfig(null, null) : audit;

        refuseIf(
                !adminBindAddress.isLoopback(),
                "admin-bind-address must be a loopback address, such as 127.0.0.1:3001");
        refuseIf(
                (tlsCert == null) != (tlsKey == null),
                "tls-cert and tls-key go together: give both, or neither to have a certificate made");
        refuseIf(
                tlsKeyPassphrase != null && tlsKey == null,
                "LYFTDATA_TLS_KEY_PASSPHRASE is set and there is no tls-key for it: unset it");
        refuseIf(
                disableTls && tlsCert != null,
                "disable-tls speaks plain HTTP and tls-cert wants TLS: leave one of them out");
        refuseIf(
                disableTls && !bindAddress.isLoopback() && trustedProxies.isEmpty(),
                "disable-tls needs a loopback bind-address, or trusted-proxies that terminate TLS");
        new LogConfig(logRetentionDays, diskUsageMaxPercentage);
        refuseIf(!LEVELS.contains(logLevel), "log-level must be error, warn, info, debug or trace");
        refuseIf(
                autoEnrollmentKey != null && autoEnrollmentKey.length() < SHORTEST_ENROLLMENT_KEY,
                "auto-enrollment-key must have at least 32 characters; openssl rand -hex 32 makes one");
        refuseIf(
                databaseUrl != null && !databaseUrl.reveal().startsWith("jdbc:postgresql://"),
                "database-url must begin with jdbc:postgresql://; without it SQLite is used");
        refuseIf(
                resetAdminPassword && adminInitPassword == null,
                "reset-admin-password takes the new password from LYFTDATA_ADMIN_INIT_PASSWORD or its _FILE; set it");
        allowed(whitelist, proxies(trustedProxies, forwardedHeader));
    }

    /** These, but with the other's for what can change without a restart. */
    ServerConfig reloaded(ServerConfig next) {
        return new ServerConfig(
                bindAddress,
                adminBindAddress,
                stagingDir,
                tlsCert,
                tlsKey,
                tlsSan,
                tlsKeyPassphrase,
                tlsConscrypt,
                disableTls,
                next.trustedProxies,
                forwardedHeader,
                next.whitelist,
                autoEnrollmentKey,
                databaseUrl,
                adminInitPassword,
                resetAdminPassword,
                acceptLedgerLoss,
                next.logRetentionDays,
                next.diskUsageMaxPercentage,
                next.logLevel,
                builtInWorker,
                session,
                apiKey,
                rotation,
                heartbeat,
                clones,
                metrics,
                next.posture,
                backup,
                audit);
    }

    /** The certificate to serve; empty: the server makes its own. */
    Optional<GivenMaterial> givenMaterial(Map<String, String> environment, Clock clock) {
        return Optional.ofNullable(tlsCert)
                .map(file -> new GivenMaterial(
                        new GivenMaterial.Place(Path.of(file), Path.of(tlsKey), tlsKeyPassphrase),
                        new Demands(tlsSan, boundName()),
                        environment,
                        clock));
    }

    /** The one name or address that the API listens on; empty when it listens on all. */
    Optional<String> boundName() {
        return Optional.of(bindAddress.host())
                .filter(host -> !Set.of("0.0.0.0", "::").contains(host));
    }

    /** How long logs are kept. */
    LogConfig logs() {
        return new LogConfig(logRetentionDays, diskUsageMaxPercentage);
    }

    /** Whose forwarded header is read. */
    TrustedProxies proxies() {
        return proxies(trustedProxies, forwardedHeader);
    }

    /** Whose collectors need no token. */
    List<Allowlist.Entry> allowed() {
        return allowed(whitelist, proxies());
    }

    private static TrustedProxies proxies(List<String> networks, String header) {
        return named(
                "trusted-proxies or forwarded-header",
                () -> new TrustedProxies(Addresses.networks(networks), TrustedProxies.Header.of(header)));
    }

    private static List<Allowlist.Entry> allowed(List<String> texts, TrustedProxies proxies) {
        return named("whitelist", () -> Allowlist.parse(texts, proxies.networks()));
    }

    private static <T> T named(String setting, Supplier<T> parse) {
        try {
            return parse.get();
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(setting + ": " + e.getMessage(), e);
        }
    }

    private static void refuseIf(boolean bad, String sentence) {
        if (bad) {
            throw new IllegalArgumentException(sentence);
        }
    }
}
