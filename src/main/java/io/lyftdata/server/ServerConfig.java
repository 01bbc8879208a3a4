package io.lyftdata.server;

import io.lyftdata.account.SessionConfig;
import io.lyftdata.apikey.ApiKeyConfig;
import io.lyftdata.config.HostPort;
import io.lyftdata.config.Secret;
import io.lyftdata.heartbeat.HeartbeatConfig;
import io.lyftdata.logs.LogConfig;
import io.lyftdata.metrics.MetricsConfig;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * Everything that can be set, checked and with its defaults; {@code config.yml} explains each key.
 *
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
        HeartbeatConfig heartbeat,
        MetricsConfig metrics) {
    private static final Set<String> LEVELS = Set.of("error", "warn", "info", "debug", "trace");
    private static final int SHORTEST_ENROLLMENT_KEY = 32;

    public ServerConfig {
        bindAddress = bindAddress == null ? HostPort.parse("127.0.0.1:3000") : bindAddress;
        adminBindAddress = adminBindAddress == null ? HostPort.parse("127.0.0.1:3001") : adminBindAddress;
        stagingDir = inHome(stagingDir == null ? Path.of("~/.local/lyftdata") : stagingDir);
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
        heartbeat = heartbeat == null ? new HeartbeatConfig(null) : heartbeat;
        metrics = metrics == null ? new MetricsConfig(null) : metrics;

        refuseIf(
                !adminBindAddress.isLoopback(),
                "admin-bind-address must be a loopback address, such as 127.0.0.1:3001");
        refuseIf(
                tlsCert != null || tlsKey != null || tlsKeyPassphrase != null,
                "tls-cert and tls-key are not supported by this version, which serves a certificate of its own;"
                        + " remove them, and give clients the pin that the server prints");
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
        Reach.parse(trustedProxies, forwardedHeader, whitelist);
    }

    /** How long logs are kept. */
    LogConfig logs() {
        return new LogConfig(logRetentionDays, diskUsageMaxPercentage);
    }

    /** What the settings say of addresses. */
    Reach reach() {
        return Reach.parse(trustedProxies, forwardedHeader, whitelist);
    }

    private static void refuseIf(boolean bad, String sentence) {
        if (bad) {
            throw new IllegalArgumentException(sentence);
        }
    }

    private static Path inHome(Path path) {
        return path.startsWith("~")
                ? Path.of(System.getProperty("user.home")).resolve(Path.of("~").relativize(path))
                : path;
    }
}
