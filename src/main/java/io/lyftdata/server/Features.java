package io.lyftdata.server;

import io.lyftdata.account.Accounts;
import io.lyftdata.account.AdminPassword;
import io.lyftdata.account.Logins;
import io.lyftdata.account.SessionAuthenticator;
import io.lyftdata.account.Sessions;
import io.lyftdata.api.Workers.View;
import io.lyftdata.audit.Audit;
import io.lyftdata.audit.Refusals;
import io.lyftdata.audit.Restrictions;
import io.lyftdata.audit.Witnesses;
import io.lyftdata.auth.Authenticators;
import io.lyftdata.auth.Caller;
import io.lyftdata.auth.RefusalLimiter;
import io.lyftdata.authority.Adoption;
import io.lyftdata.authority.Authority;
import io.lyftdata.authority.Succession;
import io.lyftdata.backup.BackupRuns;
import io.lyftdata.backup.BackupWatch;
import io.lyftdata.backup.Backups;
import io.lyftdata.backup.Drills;
import io.lyftdata.chain.Shipper;
import io.lyftdata.chain.Stretch;
import io.lyftdata.crypto.KeyString;
import io.lyftdata.db.Database;
import io.lyftdata.enrollment.EnrollmentAuthenticator;
import io.lyftdata.evidence.Evidence;
import io.lyftdata.evidence.Sources;
import io.lyftdata.fleet.FleetSweeper;
import io.lyftdata.heartbeat.Heartbeats;
import io.lyftdata.host.Space;
import io.lyftdata.incident.Incidents;
import io.lyftdata.lockdown.Lockdown;
import io.lyftdata.logs.LogStore;
import io.lyftdata.logs.LogSweeper;
import io.lyftdata.metrics.WorkerMetrics;
import io.lyftdata.metrics.WorkerStatus;
import io.lyftdata.posture.Posture;
import io.lyftdata.report.OpenEnds;
import io.lyftdata.report.Reports;
import io.lyftdata.rotation.Keyring;
import io.lyftdata.settings.Settings;
import io.lyftdata.token.TokenAuthenticator;
import io.lyftdata.token.Tokens;
import io.lyftdata.worker.SightingSweeper;
import io.lyftdata.worker.Sightings;
import io.lyftdata.worker.Workers;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** All features, each made from those below it. */
record Features(
        Tokens tokens,
        Sessions sessions,
        Logins logins,
        Accounts accounts,
        Lockdown lockdown,
        Members members,
        Heartbeats heartbeats,
        Telemetry telemetry,
        Refusals refusals,
        Settings settings,
        Saving saving,
        Optional<Shipper> shipper,
        Authorities authorities,
        Authenticators authenticators) {
    private static final Logger LOG = LoggerFactory.getLogger(Features.class);
    private static final int REFUSED_LOGINS_PER_MINUTE = 10;

    static Features on(Ground ground, ServerConfig config, LiveSettings live, Clock clock) throws IOException {
        Database database = ground.database();
        Audit audit = ground.audit();
        Restrictions restrictions = ground.restrictions();
        Tokens tokens = new Tokens(database, audit, restrictions, clock);
        AdminPassword adminPassword = new AdminPassword(
                database, audit, restrictions, clock, ground.staging().path("admin-password"));
        Accounts accounts = new Accounts(database, audit, restrictions, clock, tokens, adminPassword);
        letTheAdministratorIn(adminPassword, ground, config);
        Sessions sessions = new Sessions(database, audit, restrictions, clock, config.session());
        Members members = Members.on(ground, config, clock);
        Refusals refusals = new Refusals(database, audit, clock);
        Lockdown lockdown = new Lockdown(restrictions);
        letTheLedgerRule(restrictions, accounts, sessions, tokens, members, lockdown);
        Optional.ofNullable(config.autoEnrollmentKey()).ifPresent(members.secrets()::importSecret);
        return new Features(
                tokens,
                sessions,
                new Logins(database, sessions, restrictions, logInLimiter()),
                accounts,
                lockdown,
                members,
                heartbeats(ground, members.workers().sightings(), config, refusals, clock, members.keys()::isDue),
                Telemetry.on(ground, config, live, clock),
                refusals,
                new Settings(database, audit, clock),
                Saving.on(ground, config, clock),
                config.audit().syslog().map(ground::shipper),
                Authorities.on(ground, config, members.workers()),
                authenticators(tokens, sessions, members, live, lockdown, clock));
    }

    /**
     * Whom workers trust.
     *
     * @param succession only where clients see a certificate that this server signed
     */
    record Authorities(Adoption adoption, Optional<Succession> succession) {
        static Authorities on(Ground ground, ServerConfig config, Workers workers) {
            Adoption adoption = new Adoption(ground.database(), workers);
            Optional<Authority> own = ground.tls().authority().filter(any -> !config.disableTls());
            return new Authorities(
                    adoption,
                    own.map(authority -> new Succession(
                            authority,
                            adoption,
                            ground.database(),
                            ground.audit(),
                            ground.restrictions(),
                            ground.tls().certificate()::reload)));
        }
    }

    /** What workers report, and how long it is kept. */
    record Telemetry(LogStore logs, WorkerMetrics metrics, LogSweeper sweeper) {
        static Telemetry on(Ground ground, ServerConfig config, LiveSettings live, Clock clock) throws IOException {
            Path directory = ground.staging().path("telemetry");
            Space space = Space.of(directory, ground.reserve());
            LogStore logs = new LogStore(directory, ground.installation(), space, clock);
            WorkerMetrics metrics = new WorkerMetrics(directory, config.metrics(), space, clock);
            return new Telemetry(
                    logs,
                    metrics,
                    new LogSweeper(
                            logs,
                            space,
                            live::logs,
                            metrics::sweep,
                            event -> ground.audit().record(Caller.server(), event)));
        }
    }

    /** What brings the installation back. */
    record Saving(Backups backups, BackupRuns runs, Drills drills, BackupWatch watch) {
        static Saving on(Ground ground, ServerConfig config, Clock clock) throws IOException {
            Backups.Origin origin = new Backups.Origin(
                    ground.staging().path(""), ground.installation(), ground.signingKey(), ground.database());
            Backups backups = new Backups(origin, ground.audit(), clock, config.backup());
            backups.clear();
            BackupRuns runs = new BackupRuns(backups);
            return new Saving(
                    backups,
                    runs,
                    new Drills(
                            origin,
                            backups,
                            ground.audit(),
                            clock,
                            ground.staging().environment()),
                    new BackupWatch(backups, runs, config.backup(), clock));
        }
    }

    private static RefusalLimiter logInLimiter() {
        return new RefusalLimiter(REFUSED_LOGINS_PER_MINUTE, System::nanoTime);
    }

    private static void letTheLedgerRule(
            Restrictions restrictions,
            Accounts accounts,
            Sessions sessions,
            Tokens tokens,
            Members members,
            Lockdown lockdown) {
        restrictions.follow(List.of(
                accounts::follow,
                sessions::follow,
                tokens::follow,
                members.isolation()::follow,
                members.keys().all()::follow,
                members.secrets()::follow,
                lockdown::follow));
    }

    private static Heartbeats heartbeats(
            Ground ground,
            Sightings sightings,
            ServerConfig config,
            Refusals refusals,
            Clock clock,
            Predicate<String> isDue) {
        Database database = ground.database();
        Witnesses witnesses = Witnesses.of(
                database, ground.installation(), ground.signingKey(), ground.alarms(), refusals, System::nanoTime);
        return new Heartbeats(sightings, clock, config.heartbeat(), ground.tls()::bundleRevision, isDue, witnesses);
    }

    private static Authenticators authenticators(
            Tokens tokens, Sessions sessions, Members members, LiveSettings live, Lockdown lockdown, Clock clock) {
        return new Authenticators(
                Map.of(
                        KeyString.Kind.SESSION,
                        new SessionAuthenticator(sessions)::authenticate,
                        KeyString.Kind.API_TOKEN,
                        new TokenAuthenticator(tokens, clock)::authenticate,
                        KeyString.Kind.WORKER,
                        members.keys().authenticator()::authenticate),
                new EnrollmentAuthenticator(members.secrets())::authenticate,
                live.allowlist()::allows,
                lockdown);
    }

    Workers workers() {
        return members.workers();
    }

    Keyring keys() {
        return members.keys();
    }

    Evidence evidence(Ground ground, ServerConfig config, Posture posture, Clock clock) throws IOException {
        Path staging = ground.staging().path("");
        Evidence evidence = new Evidence(
                new Backups.Origin(staging, ground.installation(), ground.signingKey(), ground.database()),
                ground.audit(),
                config.backup().recipients(),
                new Sources(staging, ground.database(), settings, posture, workers(), keys().all()),
                clock);
        evidence.clear();
        return evidence;
    }

    Reports reports(Ground ground, Incidents incidents, Posture posture, Clock clock) {
        return new Reports(
                incidents,
                new Reports.Sources(
                        workers(),
                        keys().all(),
                        new Stretch(ground.database()),
                        new OpenEnds(keys().rotations(), lockdown, posture)),
                new Reports.Signer(ground.installation(), ground.signingKey()),
                clock);
    }

    /** What ends by itself. */
    FleetSweeper fleetSweeper() {
        return new FleetSweeper(List.of(members.isolation()::sweep, members.secrets()::sweep));
    }

    SightingSweeper sightingSweeper() {
        return new SightingSweeper(workers().sightings());
    }

    /** Every worker, as the exposition needs it. */
    List<WorkerStatus> statuses() {
        return workers().standings().stream()
                .filter(worker -> !worker.state().equals("removed"))
                .map(worker -> new WorkerStatus(
                        worker.id(), worker.state().equals("online"), worker.lastSeen(), worker.version()))
                .toList();
    }

    Optional<WorkerStatus> statusOf(String id) {
        return workers().find(id).map(Features::status);
    }

    private static WorkerStatus status(View worker) {
        return new WorkerStatus(
                worker.id(),
                worker.state().equals("online"),
                Optional.ofNullable(worker.lastSeenAt()),
                Optional.ofNullable(worker.version()).orElse(""));
    }

    private static void letTheAdministratorIn(AdminPassword password, Ground ground, ServerConfig config)
            throws IOException {
        if (config.resetAdminPassword()) {
            password.reset(config.adminInitPassword());
        }
        if (password.firstStart(Optional.ofNullable(config.adminInitPassword()))) {
            LOG.info(
                    "the first password of user admin is in {}; change it with: lyftdata users set-password admin",
                    ground.staging().path("admin-password"));
        }
    }
}
