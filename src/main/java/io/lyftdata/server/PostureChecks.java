package io.lyftdata.server;

import io.lyftdata.account.AdminPasswordPostureCheck;
import io.lyftdata.allowlist.AllowlistUse;
import io.lyftdata.allowlist.AllowlistWidthPostureCheck;
import io.lyftdata.allowlist.UnusedEntryPostureCheck;
import io.lyftdata.apikey.UnusedKeyPostureCheck;
import io.lyftdata.audit.Checkpoints;
import io.lyftdata.authority.Succession;
import io.lyftdata.authority.TlsExpiryPostureCheck;
import io.lyftdata.authority.TlsSourcePostureCheck;
import io.lyftdata.authority.TlsStrengthPostureCheck;
import io.lyftdata.backup.BackupPostureCheck;
import io.lyftdata.certificate.ServerCertificate;
import io.lyftdata.chain.AuditPostureCheck;
import io.lyftdata.clone.SharedKeyPostureCheck;
import io.lyftdata.config.Loaded;
import io.lyftdata.config.Secret;
import io.lyftdata.config.Setting;
import io.lyftdata.db.Database;
import io.lyftdata.enrollment.EnrollmentPostureCheck;
import io.lyftdata.heartbeat.WorkerClockPostureCheck;
import io.lyftdata.heartbeat.WorkerTlsPostureCheck;
import io.lyftdata.host.BindAddressPostureCheck;
import io.lyftdata.host.BuiltInWorkerPostureCheck;
import io.lyftdata.host.DiskEncryptionPostureCheck;
import io.lyftdata.host.DiskUsePostureCheck;
import io.lyftdata.host.FileModesPostureCheck;
import io.lyftdata.host.Host;
import io.lyftdata.host.OpenFilesPostureCheck;
import io.lyftdata.host.RootAccountPostureCheck;
import io.lyftdata.host.UnitEnvironmentPostureCheck;
import io.lyftdata.lockdown.LockdownPostureCheck;
import io.lyftdata.posture.PostureCheck;
import io.lyftdata.rotation.KeyAgePostureCheck;
import io.lyftdata.settings.SecretArgumentPostureCheck;
import io.lyftdata.settings.WeakSecretPostureCheck;
import io.lyftdata.token.TokenExpiryPostureCheck;
import io.lyftdata.token.UnusedTokenPostureCheck;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Every check of the posture, in the order of the report.
 *
 * @param loaded the settings of the start
 */
record PostureChecks(
        Ground ground,
        Features features,
        Loaded<ServerConfig> loaded,
        LiveSettings live,
        AllowlistUse used,
        Host host,
        Clock clock) {

    List<PostureCheck> all() {
        return Stream.of(ofHost(), ofTls(), ofAccess(), ofWorkers())
                .flatMap(List::stream)
                .toList();
    }

    private ServerConfig config() {
        return loaded.settings();
    }

    private Database database() {
        return ground.database();
    }

    private List<PostureCheck> ofHost() {
        Path staging = ground.staging().path("");
        List<Path> outside = config().backup().outside(staging);
        List<Path> places = Stream.concat(Stream.of(staging), outside.stream()).toList();
        Map<String, String> variables = ServerSettings.ALL.stream()
                .filter(setting -> setting.kind() == Setting.Kind.SECRET)
                .collect(Collectors.toMap(
                        Setting::key, setting -> setting.variable().orElseThrow()));
        return List.of(
                new BindAddressPostureCheck(config().bindAddress()),
                new RootAccountPostureCheck(host, staging),
                new FileModesPostureCheck(staging, outside),
                new UnitEnvironmentPostureCheck(host, List.copyOf(variables.values())),
                new SecretArgumentPostureCheck(loaded, variables),
                new WeakSecretPostureCheck(secrets()),
                new DiskEncryptionPostureCheck(host, places),
                new DiskUsePostureCheck(staging, outside, () -> live.logs().diskUsageMaxPercentage()),
                new OpenFilesPostureCheck(host, database()));
    }

    private Map<String, Secret> secrets() {
        Map<String, Secret> secrets = new HashMap<>();
        loaded.entries((key, secret) -> {
            secrets.put(key, secret);
            return key;
        });
        return secrets;
    }

    private List<PostureCheck> ofTls() {
        boolean isPlain = config().disableTls();
        ServerCertificate served = ground.tls().certificate();
        Supplier<List<X509Certificate>> chain =
                () -> isPlain ? List.of() : served.material().chain();
        return List.of(
                new TlsSourcePostureCheck(
                        config().bindAddress(),
                        isPlain,
                        !served.isGiven(),
                        !config().trustedProxies().isEmpty()),
                new TlsExpiryPostureCheck(
                        () -> features.authorities().succession().map(Succession::next), chain, served::trouble, clock),
                new TlsStrengthPostureCheck(chain));
    }

    private List<PostureCheck> ofAccess() {
        Checkpoints checkpoints = new Checkpoints(database(), ground.installation(), ground.signingKey());
        return List.of(
                new AdminPasswordPostureCheck(
                        database(),
                        ground.staging().path("admin-password"),
                        Optional.ofNullable(config().adminInitPassword())),
                new TokenExpiryPostureCheck(database(), clock),
                new UnusedTokenPostureCheck(database(), clock),
                new AllowlistWidthPostureCheck(
                        live.allowlist(),
                        config().disableTls(),
                        () -> !live.proxies().networks().isEmpty()),
                new UnusedEntryPostureCheck(
                        live.allowlist(), used, entry -> features.settings().since("whitelist", entry), clock),
                new AuditPostureCheck(database(), ground.installation(), checkpoints, ground.alarms()),
                new BackupPostureCheck(
                        database(), config().backup(), ground.staging().path(""), clock),
                new LockdownPostureCheck(features.lockdown()));
    }

    private List<PostureCheck> ofWorkers() {
        return List.of(
                new EnrollmentPostureCheck(database(), clock),
                new UnusedKeyPostureCheck(database(), clock),
                new KeyAgePostureCheck(database(), features.members().keys().rules(), clock),
                new SharedKeyPostureCheck(features.members().clones()),
                new WorkerTlsPostureCheck(database(), () -> ground.tls().pin().orElse("PIN")),
                new WorkerClockPostureCheck(database(), clock),
                new BuiltInWorkerPostureCheck(database(), config().builtInWorker()));
    }
}
