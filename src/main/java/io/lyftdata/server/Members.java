package io.lyftdata.server;

import io.lyftdata.audit.Audit;
import io.lyftdata.audit.Restrictions;
import io.lyftdata.clone.Clones;
import io.lyftdata.db.Database;
import io.lyftdata.enrollment.Enrollment;
import io.lyftdata.enrollment.Secrets;
import io.lyftdata.fleet.Fleet;
import io.lyftdata.fleet.Reach;
import io.lyftdata.fleet.Removal;
import io.lyftdata.fleet.Scopes;
import io.lyftdata.incident.FleetSteps;
import io.lyftdata.rotation.Keyring;
import io.lyftdata.worker.Isolation;
import io.lyftdata.worker.Workers;
import java.time.Clock;

/** Who is in the fleet, by which key and secret, and who is shut out of it. */
record Members(
        Workers workers,
        Isolation isolation,
        Keyring keys,
        Secrets secrets,
        Enrollment enrollment,
        Reach reach,
        Fleet fleet,
        Removal removal,
        Clones clones) {
    static Members on(Ground ground, ServerConfig config, Clock clock) {
        Database database = ground.database();
        Audit audit = ground.audit();
        Restrictions restrictions = ground.restrictions();
        Isolation isolation = new Isolation(restrictions, clock);
        Workers workers = new Workers(
                database, audit, isolation, clock, config.heartbeat().offlineAfter());
        Keyring.Terms terms = new Keyring.Terms(config.apiKey(), config.rotation());
        Clones clones = watch(ground, config, workers, isolation, clock);
        Keyring keys = Keyring.on(database, audit, restrictions, workers, isolation, clones, terms, clock);
        Secrets secrets = new Secrets(database, restrictions, clock);
        Scopes scopes = new Scopes(workers, keys.all());
        return new Members(
                workers,
                isolation,
                keys,
                secrets,
                new Enrollment(database, secrets, workers, isolation, keys.own(), clock),
                new Reach(workers, scopes),
                new Fleet(workers, isolation, scopes, secrets, clock),
                new Removal(database, audit, restrictions, workers, isolation, keys.all()),
                clones);
    }

    /** What an incident does about them. */
    FleetSteps fleetSteps() {
        return new FleetSteps(workers, isolation, keys, reach);
    }

    private static Clones watch(Ground ground, ServerConfig config, Workers workers, Isolation isolation, Clock clock) {
        Clones.Rules rules =
                new Clones.Rules(config.clones().isolate(), config.heartbeat().offlineAfter(), System::nanoTime);
        return new Clones(ground.database(), ground.audit(), workers, isolation, clock, rules);
    }
}
