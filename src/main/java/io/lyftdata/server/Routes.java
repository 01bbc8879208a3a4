package io.lyftdata.server;

import io.dropwizard.core.setup.Environment;
import io.lyftdata.account.LoginLimit;
import io.lyftdata.account.LoginResource;
import io.lyftdata.account.UserResource;
import io.lyftdata.apikey.ApiKeyResource;
import io.lyftdata.authority.AuthorityResource;
import io.lyftdata.authority.RotateCaResource;
import io.lyftdata.backup.BackupResource;
import io.lyftdata.certificate.CertificateResource;
import io.lyftdata.chain.AlarmResource;
import io.lyftdata.chain.ChainReader;
import io.lyftdata.chain.ChainResource;
import io.lyftdata.chain.ChainVerifier;
import io.lyftdata.chain.ExportResource;
import io.lyftdata.chain.Pruning;
import io.lyftdata.enrollment.EnrollmentResource;
import io.lyftdata.fleet.FleetResource;
import io.lyftdata.heartbeat.HeartbeatResource;
import io.lyftdata.incident.IncidentResource;
import io.lyftdata.incident.Incidents;
import io.lyftdata.lockdown.LockdownResource;
import io.lyftdata.logs.LogResource;
import io.lyftdata.metrics.MetricsResource;
import io.lyftdata.posture.Posture;
import io.lyftdata.posture.PostureResource;
import io.lyftdata.report.ReportResource;
import io.lyftdata.report.Reports;
import io.lyftdata.rotation.RecoveryResource;
import io.lyftdata.rotation.RotationResource;
import io.lyftdata.settings.SettingsResource;
import io.lyftdata.token.TokenResource;
import io.lyftdata.worker.WorkerResource;
import java.time.Clock;
import java.util.List;

/** Every route on one screen; who may call which stands at each method and in {@code docs/api.md}. */
final class Routes {
    /** So that an answer comes within seconds. */
    private static final int RECORDS_A_VERIFICATION = 250_000;

    private Routes() {}

    static void register(
            Environment environment,
            Ground ground,
            Features features,
            Posture posture,
            Incidents incidents,
            Reports reports,
            Readiness readiness,
            Clock clock) {
        tls(ground, features).forEach(environment.jersey()::register);
        ofPeople(features, readiness).forEach(environment.jersey()::register);
        ofWorkers(features, ground.installation()).forEach(environment.jersey()::register);
        ofOversight(ground, features, posture, clock).forEach(environment.jersey()::register);
        // GET POST /api/incidents, GET /api/incidents/{id}, POST /api/incidents/{id}/run, /skip, /close
        environment.jersey().register(new IncidentResource(incidents));
        // GET /api/incidents/{id}/report
        environment.jersey().register(new ReportResource(reports));
    }

    private static List<Object> ofPeople(Features features, Readiness readiness) {
        return List.of(
                // GET /api/health
                readiness,
                // POST /api/login, POST /api/logout
                new LoginResource(features.logins(), features.sessions()),
                new LoginLimit(features.logins()),
                // GET POST /api/users, PUT /api/users/{name}/password, DELETE /api/users/{name}
                new UserResource(features.accounts()),
                // GET POST /api/tokens, DELETE /api/tokens/{id}
                new TokenResource(features.tokens()));
    }

    /** Workers, and what they bring. */
    private static List<Object> ofWorkers(Features features, String installation) {
        return List.of(
                // GET /api/workers, GET /api/workers/{id}
                new WorkerResource(features.workers()),
                // POST /api/workers/{id}/isolate, /release, /reset, POST /api/workers/isolate, /release,
                // DELETE /api/workers/{id}
                new FleetResource(features.members().fleet(), features.members().removal()),
                // POST /api/workers, GET POST /api/workers/{id}/keys, DELETE /api/keys/{id},
                // POST /api/keys/revoke, PUT /api/worker/key
                new ApiKeyResource(features.keys().all(), features.keys().own(), installation),
                // GET POST /api/rotation
                new RotationResource(features.keys().rotations()),
                // POST /api/worker/recover
                new RecoveryResource(features.keys().recovery(), installation),
                // POST /api/worker/heartbeat
                new HeartbeatResource(
                        features.heartbeats(),
                        features.authorities().adoption(),
                        features.members().clones()),
                // POST /api/enroll, GET POST /api/workers/auto-enrollment
                new EnrollmentResource(
                        features.members().enrollment(), features.members().secrets(), installation),
                // PUT /api/worker/metrics, GET /api/workers/metrics, GET /api/workers/{id}/metrics
                new MetricsResource(features.telemetry().metrics(), features::statuses, features::statusOf),
                // POST /api/worker/logs, GET /api/workers/logs, GET /api/workers/{id}/logs
                new LogResource(features.telemetry().logs(), features.workers()::exists));
    }

    /** What is known of the deployment itself. */
    private static List<Object> ofOversight(Ground ground, Features features, Posture posture, Clock clock) {
        return List.of(
                // GET POST /api/incidents/lockdown
                new LockdownResource(features.lockdown()),
                // POST /api/audit/acknowledge
                new AlarmResource(ground.alarms()),
                // GET /api/audit, GET /api/audit/verification
                chain(ground),
                // GET POST /api/audit/export, POST /api/audit/prune
                export(ground, features, clock),
                // GET /api/settings, GET /api/settings/history, GET /api/settings/history/{number}
                new SettingsResource(features.settings()),
                // GET /api/posture
                new PostureResource(posture),
                // GET POST /api/backups, GET /api/backups/run, POST /api/backups/prune, POST /api/backups/proof
                new BackupResource(
                        features.saving().backups(),
                        features.saving().runs(),
                        features.saving().drills()));
    }

    private static List<Object> tls(Ground ground, Features features) {
        return List.of(
                // GET /api/ca
                new AuthorityResource(ground.tls()::bundle),
                // GET /api/certificate, POST /api/certificate/rotate
                new CertificateResource(ground.tls().certificate()),
                // GET POST /api/certificate/rotate-ca
                new RotateCaResource(features.authorities().succession()));
    }

    private static ExportResource export(Ground ground, Features features, Clock clock) {
        Pruning pruning = new Pruning(
                ground.database(),
                ground.checkpoints(),
                ground.alarms(),
                ground.audit(),
                tx -> features.shipper().map(shipper -> shipper.reached(tx)),
                clock);
        return new ExportResource(ground.exports(), pruning);
    }

    private static ChainResource chain(Ground ground) {
        return new ChainResource(
                new ChainReader(ground.database()),
                new ChainVerifier(
                        ground.database(), ground.installation(), ground.checkpoints(), RECORDS_A_VERIFICATION));
    }
}
