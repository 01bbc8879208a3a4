package io.lyftdata.server;

import com.codahale.metrics.MetricRegistry;
import com.codahale.metrics.health.HealthCheckRegistry;
import io.dropwizard.core.Configuration;
import io.dropwizard.core.setup.Environment;
import io.dropwizard.jackson.Jackson;
import io.dropwizard.jetty.SslReload;
import io.lyftdata.allowlist.AllowlistUse;
import io.lyftdata.audit.Action;
import io.lyftdata.audit.AuditCheck;
import io.lyftdata.audit.AuditSweeper;
import io.lyftdata.audit.LossCheck;
import io.lyftdata.auth.Caller;
import io.lyftdata.authority.RotateCaTask;
import io.lyftdata.backup.BackupCheck;
import io.lyftdata.backup.BackupWatch;
import io.lyftdata.backup.CreateBackupTask;
import io.lyftdata.backup.VerifyBackupTask;
import io.lyftdata.certificate.CertificateCheck;
import io.lyftdata.certificate.CertificateSweeper;
import io.lyftdata.certificate.GivenMaterial;
import io.lyftdata.certificate.ReloadCertificateTask;
import io.lyftdata.certificate.RotateCertificateTask;
import io.lyftdata.certificate.ServerCertificate;
import io.lyftdata.chain.Shipper;
import io.lyftdata.chain.ShipperCheck;
import io.lyftdata.clone.CloneCheck;
import io.lyftdata.clone.Clones;
import io.lyftdata.config.BadSetting;
import io.lyftdata.config.Loaded;
import io.lyftdata.crypto.KeyString;
import io.lyftdata.crypto.SecretFile;
import io.lyftdata.db.DatabaseCheck;
import io.lyftdata.db.ReserveCheck;
import io.lyftdata.enrollment.DisableEnrollmentTask;
import io.lyftdata.enrollment.RotateEnrollmentSecretTask;
import io.lyftdata.fleet.IsolateWorkerTask;
import io.lyftdata.fleet.ReleaseWorkerTask;
import io.lyftdata.host.Host;
import io.lyftdata.http.AdminTasks;
import io.lyftdata.http.Json;
import io.lyftdata.http.RequestId;
import io.lyftdata.incident.AccessSteps;
import io.lyftdata.incident.CertificateStep;
import io.lyftdata.incident.Checklist;
import io.lyftdata.incident.EvidenceSteps;
import io.lyftdata.incident.IncidentFiles;
import io.lyftdata.incident.Incidents;
import io.lyftdata.incident.OpenIncidentTask;
import io.lyftdata.incident.Review;
import io.lyftdata.incident.RunIncidentTask;
import io.lyftdata.incident.ServerSteps;
import io.lyftdata.lockdown.LockdownCheck;
import io.lyftdata.lockdown.LockdownTask;
import io.lyftdata.monitoring.AdminMetrics;
import io.lyftdata.monitoring.Monitor;
import io.lyftdata.monitoring.MonitoringResource;
import io.lyftdata.posture.Posture;
import io.lyftdata.posture.PostureCheck;
import io.lyftdata.posture.PostureSweeper;
import io.lyftdata.posture.PostureTask;
import io.lyftdata.report.Reports;
import io.lyftdata.rotation.RotateWorkerKeysTask;
import io.lyftdata.settings.ReloadConfigurationTask;
import io.lyftdata.settings.Snapshot;
import io.lyftdata.staging.StagingDirectory;
import jakarta.servlet.Filter;
import jakarta.validation.Validator;
import jakarta.validation.ValidatorFactory;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Supplier;
import org.eclipse.jetty.server.Server;
import org.glassfish.jersey.internal.inject.AbstractBinder;
import org.glassfish.jersey.server.internal.inject.ConfiguredValidator;

/** Puts the server together, in one place and by hand, and starts it. */
public final class ServerApplication {
    private ServerApplication() {}

    /**
     * Starts a server; on return it serves.
     *
     * @param source reads the settings; asked again at a reload
     * @throws BadSetting when a setting, a file or a port cannot be used; nothing stays open then
     */
    public static RunningServer start(
            Supplier<Loaded<ServerConfig>> source, Clock clock, Map<String, String> environment) throws IOException {
        return start(source, clock, environment, Host.OF_PROCESS);
    }

    /** The same on another host than this process's. */
    public static RunningServer start(
            Supplier<Loaded<ServerConfig>> source, Clock clock, Map<String, String> environment, Host host)
            throws IOException {
        Loaded<ServerConfig> loaded = source.get();
        ServerConfig config = loaded.settings();
        MetricRegistry metrics = new MetricRegistry();
        Ground ground = Ground.open(config, clock, environment, metrics);
        try {
            AllowlistUse used = new AllowlistUse(ground.database(), clock);
            LiveSettings live = new LiveSettings(source, loaded, used);
            Features features = Features.on(ground, config, live, clock);
            Readiness readiness = new Readiness();
            Environment dropwizard = environment(metrics);
            List<PostureCheck> checks = new PostureChecks(ground, features, loaded, live, used, host, clock).all();
            Posture posture = new Posture(ground.database(), ground.audit(), clock, checks, live::waivers);
            posture.register(metrics);
            Incidents incidents = incidents(ground, features, config, posture, clock);
            Reports reports = features.reports(ground, incidents, posture, clock);
            features.shipper().ifPresent(shipper -> ship(dropwizard, shipper));
            Monitor monitor = new Monitor(metrics);
            Readings.register(monitor, ground, features);
            Routes.register(dropwizard, ground, features, posture, incidents, reports, readiness, clock);
            dropwizard.jersey().register(new MonitoringResource(monitor));
            Filters.register(dropwizard, config, live.proxies(), features, monitor);
            tell(dropwizard, config, ground, features);
            List.of(
                            features.telemetry().logs(),
                            features.telemetry().metrics(),
                            features.telemetry().sweeper(),
                            features.fleetSweeper(),
                            features.saving().watch(),
                            new PostureSweeper(posture),
                            new CertificateSweeper(ground.tls().certificate()),
                            features.sightingSweeper(),
                            features.keys().sweeper(),
                            new AuditSweeper(features.refusals(), ground.restrictions(), ground.reserve()))
                    .forEach(dropwizard.lifecycle()::manage);
            dropwizard.jersey().register(new AbstractBinder() {
                @Override
                protected void configure() {
                    bind(idle(ConfiguredValidator.class, null))
                            .to(ConfiguredValidator.class)
                            .ranked(1);
                }
            });
            Path tokenFile = admin(
                    dropwizard, ground.staging(), tasks(ground, features, live, posture, incidents, reports), monitor);
            Server server = Connectors.build(config, ground.tls().certificate(), monitor, dropwizard);
            ground.tls().certificate().serveOn(server.getBeans(SslReload.class));
            Readings.register(monitor, server);
            Filters.errors(server, dropwizard, config);
            RunningServer running = new RunningServer(server, ground, readiness, features.settings(), tokenFile);
            ground.restrictions().ledger().whenFailed(running::fail);
            ground.database().whenFailed(running::fail);
            running.open(config, Snapshot.of(loaded, ground.signingKey()));
            if (config.builtInWorker()) {
                running.employ(BuiltInWorker.start(running.url(), ground, features, clock));
            }
            return running;
        } catch (IOException | RuntimeException e) {
            ground.close();
            throw e;
        }
    }

    /**
     * What an operator should know of settings that can be used, each a sentence.
     *
     * @throws BadSetting when the certificate they name cannot
     */
    public static List<String> check(ServerConfig config, Clock clock, Map<String, String> environment) {
        return config.givenMaterial(environment, clock)
                .map(GivenMaterial::notes)
                .orElse(List.of());
    }

    private static void ship(Environment dropwizard, Shipper shipper) {
        dropwizard.metrics().registerGauge("audit_target_behind", shipper::behind);
        dropwizard.healthChecks().register("audit_target", new ShipperCheck(shipper));
        dropwizard.lifecycle().manage(shipper);
    }

    /** What health and metrics of the admin connector say. */
    private static void tell(Environment dropwizard, ServerConfig config, Ground ground, Features features) {
        for (Action loss : List.of(Action.AUDIT_ROLLED_BACK, Action.AUDIT_LOST)) {
            String name = loss.name().toLowerCase(Locale.ROOT);
            dropwizard
                    .metrics()
                    .registerGauge(name, () -> ground.alarms().finding(loss).isPresent() ? 1 : 0);
            dropwizard.healthChecks().register(name, new LossCheck(ground.alarms(), loss));
        }
        if (!config.disableTls()) {
            ServerCertificate certificate = ground.tls().certificate();
            dropwizard.metrics().registerGauge("certificate.days-to-expiry", certificate::daysLeft);
            dropwizard.healthChecks().register("certificate", new CertificateCheck(certificate));
        }
        dropwizard.metrics().registerGauge("lockdown", () -> features.lockdown().isOn() ? 1 : 0);
        dropwizard.healthChecks().register("lockdown", new LockdownCheck(features.lockdown()));
        Clones clones = features.members().clones();
        dropwizard.metrics().registerGauge("clone_alarms", () -> clones.open().size());
        dropwizard.healthChecks().register("worker_cloned", new CloneCheck(clones));
        dropwizard.healthChecks().register("database", new DatabaseCheck(ground.database()));
        dropwizard.healthChecks().register("reserve", new ReserveCheck(ground.reserve()));
        dropwizard.healthChecks().register("audit", new AuditCheck(ground.audit()));
        BackupWatch backups = features.saving().watch();
        dropwizard.metrics().registerGauge("backup.last-made-timestamp-seconds", backups::lastMade);
        dropwizard.metrics().registerGauge("backup.last-proven-timestamp-seconds", backups::lastProven);
        dropwizard.healthChecks().register("backup", new BackupCheck(backups));
    }

    private static Environment environment(MetricRegistry metrics) {
        return new Environment(
                "lyftdata",
                Json.configure(Jackson.newMinimalObjectMapper()),
                noValidation(),
                metrics,
                ServerApplication.class.getClassLoader(),
                new HealthCheckRegistry(),
                new Configuration());
    }

    /** Dropwizard asks for bean validation; our records check themselves, and Hibernate Validator starts slowly. */
    private static ValidatorFactory noValidation() {
        Validator validator = idle(Validator.class, null);
        return idle(ValidatorFactory.class, validator);
    }

    /** Does nothing; a method that answers with the result's type answers with the result. */
    private static <T> T idle(Class<T> type, Object result) {
        Object idle = Proxy.newProxyInstance(
                ServerApplication.class.getClassLoader(),
                new Class<?>[] {type},
                (self, method, arguments) -> method.getReturnType().isInstance(result) ? result : null);
        return type.cast(idle);
    }

    private static Incidents incidents(
            Ground ground, Features features, ServerConfig config, Posture posture, Clock clock) throws IOException {
        Members members = features.members();
        return new Incidents(
                IncidentFiles.open(ground.staging().path("incident"), ground.reserve()),
                new Checklist(
                        members.fleetSteps(),
                        new AccessSteps(members.secrets(), features.tokens(), features.sessions(), features.accounts()),
                        new CertificateStep(
                                ground.tls().certificate(),
                                features.authorities().succession()),
                        new ServerSteps(
                                new Review(ground.database(), ground.restrictions()),
                                features.saving().backups(),
                                posture),
                        new EvidenceSteps(features.evidence(ground, config, posture, clock))),
                members.reach(),
                ground.audit(),
                clock);
    }

    private static AdminTasks tasks(
            Ground ground,
            Features features,
            LiveSettings live,
            Posture posture,
            Incidents incidents,
            Reports reports) {
        ServerCertificate certificate = ground.tls().certificate();
        return new AdminTasks(List.of(
                new PostureTask(posture),
                new OpenIncidentTask(incidents),
                new RunIncidentTask(incidents, reports::signed),
                new RotateEnrollmentSecretTask(features.members().secrets()),
                new DisableEnrollmentTask(features.members().secrets()),
                new IsolateWorkerTask(features.members().fleet()),
                new ReleaseWorkerTask(features.members().fleet()),
                new ReloadConfigurationTask(
                        features.settings(),
                        () -> live.candidate(ground.signingKey(), () -> certificate.prepare(Caller.host()))),
                new RotateCertificateTask(certificate),
                new ReloadCertificateTask(certificate),
                new CreateBackupTask(features.saving().runs()),
                new VerifyBackupTask(features.saving().drills()),
                new RotateCaTask(features.authorities().succession()),
                new RotateWorkerKeysTask(features.keys().rotations()),
                new LockdownTask(features.lockdown())));
    }

    private static Path admin(Environment dropwizard, StagingDirectory staging, AdminTasks tasks, Monitor monitor)
            throws IOException {
        KeyString token = KeyString.generate(KeyString.Kind.HOST);
        Path file = staging.path("admin.token");
        SecretFile.write(file, token.reveal());
        addFilter(dropwizard, "request-id", new RequestId(), "/*");
        addFilter(dropwizard, "guard", new AdminGuard(token.reveal()), "/*");
        addFilter(dropwizard, "tasks", tasks, "/tasks/*");
        addFilter(dropwizard, "monitoring", new AdminMetrics(monitor), "/metrics");
        return file;
    }

    private static void addFilter(Environment dropwizard, String name, Filter filter, String path) {
        dropwizard.admin().addFilter(name, filter).addMappingForUrlPatterns(null, true, path);
    }
}
