package io.lyftdata.rotation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lyftdata.api.AutoEnrollment;
import io.lyftdata.api.Code;
import io.lyftdata.api.Enroll;
import io.lyftdata.api.Refusal;
import io.lyftdata.api.WorkerKey;
import io.lyftdata.api.rotation.Recover;
import io.lyftdata.apikey.ApiKeyAuthenticator;
import io.lyftdata.apikey.ApiKeyConfig;
import io.lyftdata.apikey.ApiKeys;
import io.lyftdata.apikey.KeyJudge;
import io.lyftdata.apikey.WorkerKeys;
import io.lyftdata.audit.Audit;
import io.lyftdata.audit.Restrictions;
import io.lyftdata.auth.Caller;
import io.lyftdata.auth.Origin;
import io.lyftdata.auth.Presented;
import io.lyftdata.auth.Role;
import io.lyftdata.clone.Clones;
import io.lyftdata.crypto.Identity;
import io.lyftdata.crypto.KeyString;
import io.lyftdata.crypto.Randomness;
import io.lyftdata.db.Database;
import io.lyftdata.db.DatabaseOpener;
import io.lyftdata.enrollment.Enrollment;
import io.lyftdata.enrollment.EnrollmentAuthenticator;
import io.lyftdata.enrollment.Secrets;
import io.lyftdata.testing.Engine;
import io.lyftdata.testing.MovableClock;
import io.lyftdata.testing.TestLedger;
import io.lyftdata.worker.Isolation;
import io.lyftdata.worker.Sentence;
import io.lyftdata.worker.Workers;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** The server's half of rotation and recovery, without HTTP, and the calls of a worker. */
final class KeyFixture implements AutoCloseable {
    static final Caller ADMIN = new Caller(Caller.Kind.USER, "admin", Role.ADMIN, "", Origin.NONE);
    static final String INSTALLATION = "0".repeat(32);

    private static final String SECRET = "s".repeat(40);

    final MovableClock clock;
    final Database database;
    final Restrictions restrictions;
    final Isolation isolation;
    final Workers workers;
    final RotationRules rules;
    final KeyJudge judge;
    final ApiKeys keys;
    final WorkerKeys own;
    final Rotations rotations;
    final Secrets secrets;
    final Enrollment enrollment;
    final Clones clones;
    final Recovery recovery;
    private final DatabaseOpener opener = new DatabaseOpener();

    /** A worker with its identity and the key it uses. */
    record Host(String id, Identity identity, KeyString key) {
        Host with(KeyString next) {
            return new Host(id, identity, next);
        }
    }

    KeyFixture(Engine engine, Path directory, MovableClock clock, RotationConfig policy) {
        this.clock = clock;
        this.database = engine.open(opener, directory);
        Audit audit = new Audit(database, INSTALLATION, clock);
        this.restrictions = TestLedger.restrictions(directory, database, audit, clock);
        this.isolation = new Isolation(restrictions, clock);
        this.workers = new Workers(database, audit, isolation, clock, Duration.ofSeconds(45));
        this.rules = new RotationRules(database, policy, clock, () -> clock.millis() * 1_000_000);
        this.judge = new KeyJudge(restrictions, clock, rules);
        this.keys = new ApiKeys(database, audit, restrictions, workers, judge, new ApiKeyConfig(null));
        this.own = new WorkerKeys(database, audit, workers, judge);
        this.rotations = new Rotations(database, audit, workers, judge, rules, clock);
        this.secrets = new Secrets(database, restrictions, clock);
        this.enrollment = new Enrollment(database, secrets, workers, isolation, own, clock);
        Clones.Rules lone = new Clones.Rules(false, Duration.ofSeconds(45), () -> clock.millis() * 1_000_000);
        this.clones = new Clones(database, audit, workers, isolation, clock, lone);
        this.recovery = new Recovery(workers, isolation, own, clones, clock, () -> clock.millis() * 1_000_000);
        restrictions.follow(List.of(isolation::follow, keys::follow));
    }

    static KeyFixture open(Engine engine, Path directory) {
        return new KeyFixture(engine, directory, new MovableClock(), new RotationConfig(null, null, null));
    }

    Host enroll(String name) {
        return enroll(name, Map.of());
    }

    Host enroll(String name, Map<String, String> labels) {
        if (!secrets.show().enabled()) {
            secrets.change(ADMIN, new AutoEnrollment.Change(true, SECRET));
        }
        Caller joining = new EnrollmentAuthenticator(secrets).authenticate(new Presented(SECRET, Origin.NONE));
        Host host = new Host(name, Identity.generate(), next());
        Enroll.Request wish = new Enroll.Request(
                name,
                labels,
                host.key().id(),
                host.key().hash(),
                host.identity().publicKey(),
                clock.millis(),
                null);
        enrollment.join(joining, wish.signed(host.identity().sign(wish.signedBytes())), INSTALLATION);
        return host;
    }

    void isolate(Host host) {
        isolation.isolate(
                ADMIN,
                List.of(new Isolation.Target(host.id(), host.identity().publicKey())),
                new Sentence("stolen", null));
    }

    static KeyString next() {
        return KeyString.generate(KeyString.Kind.WORKER);
    }

    Caller use(KeyString key) {
        return new ApiKeyAuthenticator(keys, own, judge, isolation)
                .authenticate(new Presented(key.reveal(), Origin.NONE));
    }

    WorkerKey.Request wish(Host host, KeyString next) {
        WorkerKey.Request wish =
                new WorkerKey.Request(next.id(), next.hash(), host.identity().publicKey(), clock.millis(), null);
        return wish.signed(host.identity().sign(wish.signedBytes(host.id())));
    }

    void put(Host host, KeyString next) {
        own.put(use(host.key()), wish(host, next), INSTALLATION);
    }

    Recover.Request proof(Host host, KeyString next) {
        return sign(
                host,
                new Recover.Request(host.id(), next.id(), next.hash(), clock.millis(), Randomness.hex(128), null));
    }

    static Recover.Request sign(Host host, Recover.Request wish) {
        return wish.signed(host.identity().sign(wish.signedBytes(INSTALLATION)));
    }

    void recover(Recover.Request proof) {
        recover(null, proof);
    }

    void recover(String instance, Recover.Request proof) {
        recovery.recover(Origin.NONE, instance, proof, INSTALLATION);
    }

    boolean isDue(KeyString key) {
        return rules.isDue(keys.find(key.id()).orElseThrow());
    }

    static void assertRefused(Code code, Runnable call) {
        assertThatThrownBy(call::run)
                .isInstanceOfSatisfying(
                        Refusal.class, refusal -> assertThat(refusal.code()).isEqualTo(code));
    }

    @Override
    public void close() throws IOException, SQLException {
        restrictions.ledger().close();
        opener.close();
    }
}
