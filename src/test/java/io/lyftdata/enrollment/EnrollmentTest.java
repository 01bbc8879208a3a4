package io.lyftdata.enrollment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lyftdata.api.AutoEnrollment;
import io.lyftdata.api.Code;
import io.lyftdata.api.Enroll;
import io.lyftdata.api.Refusal;
import io.lyftdata.api.WorkerKey;
import io.lyftdata.api.Workers.Add;
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
import io.lyftdata.config.Secret;
import io.lyftdata.crypto.Identity;
import io.lyftdata.crypto.KeyString;
import io.lyftdata.db.Database;
import io.lyftdata.db.DatabaseOpener;
import io.lyftdata.db.Paging;
import io.lyftdata.rotation.RotationConfig;
import io.lyftdata.rotation.RotationRules;
import io.lyftdata.testing.Engine;
import io.lyftdata.testing.MovableClock;
import io.lyftdata.testing.TestLedger;
import io.lyftdata.worker.Isolation;
import io.lyftdata.worker.Workers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** How workers come in, by secret and by hand, on both databases. */
class EnrollmentTest {
    private static final Caller ADMIN = new Caller(Caller.Kind.USER, "admin", Role.ADMIN, "", Origin.NONE);
    private static final String SECRET = "0123456789abcdef0123456789abcdef";

    @TempDir
    Path directory;

    private final MovableClock clock = new MovableClock();
    private final DatabaseOpener opener = new DatabaseOpener();
    private Workers workers;
    private Isolation isolation;
    private KeyJudge judge;
    private ApiKeys keys;
    private Secrets secrets;
    private WorkerKeys workerKeys;
    private Enrollment enrollment;

    private void open(Engine engine) {
        Database database = engine.open(opener, directory);
        Audit audit = new Audit(database, "00000000000000000000000000000000", clock);
        Restrictions restrictions = TestLedger.restrictions(directory, database, audit, clock);
        isolation = new Isolation(restrictions, clock);
        workers = new Workers(database, audit, isolation, clock, Duration.ofSeconds(45));
        RotationConfig policy = new RotationConfig(null, null, null);
        judge = new KeyJudge(restrictions, clock, new RotationRules(database, policy, clock, System::nanoTime));
        keys = new ApiKeys(database, audit, restrictions, workers, judge, new ApiKeyConfig(null));
        workerKeys = new WorkerKeys(database, audit, workers, judge);
        secrets = new Secrets(database, restrictions, clock);
        enrollment = new Enrollment(database, secrets, workers, isolation, workerKeys, clock);
    }

    @AfterEach
    void close() throws Exception {
        opener.close();
    }

    @ParameterizedTest
    @EnumSource
    void answersTheRetryOfALostAnswerWithTheSameWorker(Engine engine) {
        open(engine);
        Caller joining = enabled();
        Identity identity = Identity.generate();
        KeyString key = KeyString.generate(KeyString.Kind.WORKER);
        Enroll.Request wish = wish("Alpha", identity, key);

        assertThat(enrollment.join(joining, wish, "i").workerId()).isEqualTo("alpha");
        assertThat(enrollment.join(joining, wish, "i").workerId()).isEqualTo("alpha");

        assertThat(secrets.show().admitted()).isEqualTo(1);
        assertThat(workers.show("alpha").admittedBy()).isEqualTo(joining.id());
        assertThat(authenticate(key).role()).isEqualTo(Role.WORKER);
    }

    @ParameterizedTest
    @EnumSource
    void neverChangesAWorkerThatThereIs(Engine engine) {
        open(engine);
        Caller joining = enabled();
        Identity identity = Identity.generate();
        KeyString key = KeyString.generate(KeyString.Kind.WORKER);
        enrollment.join(joining, wish("alpha", identity, key), "i");

        assertRefused(
                Code.NAME_TAKEN,
                () -> enrollment.join(
                        joining, wish("ALPHA", Identity.generate(), KeyString.generate(KeyString.Kind.WORKER)), "i"));
        assertRefused(
                Code.IDENTITY_TAKEN,
                () -> enrollment.join(joining, wish("beta", identity, KeyString.generate(KeyString.Kind.WORKER)), "i"));
        assertRefused(
                Code.IDENTITY_TAKEN,
                () -> enrollment.join(
                        joining, wish("alpha", identity, KeyString.generate(KeyString.Kind.WORKER)), "i"));
        assertThat(authenticate(key).id()).isEqualTo("alpha");
        assertThat(workers.exists("beta")).isFalse();
    }

    @ParameterizedTest
    @EnumSource
    void admitsOneOfManyWhoClaimTheSameName(Engine engine) throws Exception {
        open(engine);
        Caller joining = enabled();
        List<Callable<Boolean>> attempts = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            Enroll.Request wish = wish("same", Identity.generate(), KeyString.generate(KeyString.Kind.WORKER));
            attempts.add(() -> {
                try {
                    enrollment.join(joining, wish, "i");
                    return true;
                } catch (Refusal refusal) {
                    assertThat(refusal.code()).isEqualTo(Code.NAME_TAKEN);
                    return false;
                }
            });
        }
        ExecutorService pool = Executors.newFixedThreadPool(16);
        int admitted = 0;
        for (Future<Boolean> attempt : pool.invokeAll(attempts)) {
            admitted += attempt.get() ? 1 : 0;
        }
        pool.shutdown();
        assertThat(admitted).isEqualTo(1);
        assertThat(secrets.show().admitted()).isEqualTo(1);
    }

    @ParameterizedTest
    @EnumSource
    void refusesASecretThatWasRotatedAwayForEver(Engine engine) {
        open(engine);
        secrets.importSecret(new Secret(SECRET));
        assertThat(secrets.inForce().match(SECRET)).isPresent();
        String made =
                secrets.change(ADMIN, new AutoEnrollment.Change(true, null)).enrollmentSecret();
        assertThat(secrets.inForce().match(SECRET)).isEmpty();
        assertThat(secrets.inForce().match(made)).isPresent();

        secrets.importSecret(new Secret(SECRET));
        assertThat(secrets.inForce().match(SECRET)).isEmpty();
        assertThat(secrets.inForce().match(made)).isPresent();
        assertRefused(Code.UNPROCESSABLE, () -> secrets.change(ADMIN, new AutoEnrollment.Change(true, SECRET)));

        secrets.change(ADMIN, new AutoEnrollment.Change(false, null));
        assertThat(secrets.inForce().match(made)).isEmpty();
        assertThat(secrets.show().enabled()).isFalse();
    }

    @ParameterizedTest
    @EnumSource
    void refusesSecretsThatNoHeaderCanCarry(Engine engine) {
        open(engine);
        for (String odd : List.of("a".repeat(31), SECRET + " b", SECRET + ",b", SECRET + "\u00e9", "a".repeat(513))) {
            assertThatThrownBy(() -> secrets.importSecret(new Secret(odd)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageNotContaining(odd);
            assertRefused(Code.UNPROCESSABLE, () -> secrets.change(ADMIN, new AutoEnrollment.Change(true, odd)));
        }
        secrets.importSecret(new Secret("a".repeat(512)));
    }

    @ParameterizedTest
    @EnumSource
    void refusesProofsThatAreForgedOrOld(Engine engine) {
        open(engine);
        Caller joining = enabled();
        Identity identity = Identity.generate();
        KeyString key = KeyString.generate(KeyString.Kind.WORKER);
        Enroll.Request wish = wish("alpha", identity, key);
        Enroll.Request renamed = new Enroll.Request(
                "beta", wish.labels(), wish.keyId(), wish.keyHash(), wish.identityKey(), wish.time(), wish.signature());
        assertRefused(Code.PROOF_INVALID, () -> enrollment.join(joining, renamed, "i"));
        assertRefused(Code.PROOF_MISSING, () -> enrollment.join(joining, wish.signed(null), "i"));
        clock.advance(Duration.ofMinutes(10));
        assertThatThrownBy(() -> enrollment.join(joining, wish, "i")).isInstanceOfSatisfying(Refusal.class, refusal -> {
            assertThat(refusal.code()).isEqualTo(Code.PROOF_EXPIRED);
            assertThat(refusal.facts()).containsEntry("serverTime", "2026-11-23T12:10:00.000Z");
        });
    }

    @ParameterizedTest
    @EnumSource
    void exchangesABootstrapKeyOnceForTheWorkersOwn(Engine engine) {
        open(engine);
        var issued = keys.addWorker(ADMIN, new Add("Gamma", Map.of("zone", "a")));
        KeyString bootstrap = KeyString.parse(issued.key()).orElseThrow();
        Identity identity = Identity.generate();
        KeyString own = KeyString.generate(KeyString.Kind.WORKER);
        WorkerKey.Request wish = register("gamma", identity, own);

        Caller caller = authenticate(bootstrap);
        assertThat(caller.role()).isEqualTo(Role.BOOTSTRAP);
        workerKeys.put(caller, wish, "i");
        workerKeys.put(authenticate(bootstrap), wish, "i");
        assertThat(authenticate(own)).extracting(Caller::id, Caller::role).containsExactly("gamma", Role.WORKER);

        WorkerKey.Request thief = register("gamma", Identity.generate(), KeyString.generate(KeyString.Kind.WORKER));
        assertRefused(Code.KEY_REVOKED, () -> workerKeys.put(authenticate(bootstrap), thief, "i"));
        assertThat(workers.show("gamma").admittedBy()).isEqualTo(issued.keyId());
    }

    @ParameterizedTest
    @EnumSource
    void keepsOneKeyInForcePerWorker(Engine engine) {
        open(engine);
        Identity identity = Identity.generate();
        KeyString first = KeyString.generate(KeyString.Kind.WORKER);
        enrollment.join(enabled(), wish("alpha", identity, first), "i");
        KeyString bootstrap = KeyString.parse(keys.issue(ADMIN, "alpha").key()).orElseThrow();
        KeyString second = KeyString.generate(KeyString.Kind.WORKER);
        workerKeys.put(authenticate(bootstrap), register("alpha", identity, second), "i");

        assertRefused(Code.KEY_REVOKED, () -> authenticate(first));
        assertThat(authenticate(second).id()).isEqualTo("alpha");
    }

    @ParameterizedTest
    @EnumSource
    void endsKeysByTimeAndByHand(Engine engine) {
        open(engine);
        var issued = keys.addWorker(ADMIN, new Add("delta", null));
        KeyString bootstrap = KeyString.parse(issued.key()).orElseThrow();
        clock.advance(Duration.ofDays(7).minusMillis(1));
        assertThat(authenticate(bootstrap).id()).isEqualTo("delta");
        clock.advance(Duration.ofMillis(1));
        assertRefused(Code.KEY_EXPIRED, () -> authenticate(bootstrap));

        var other = keys.issue(ADMIN, "delta");
        keys.revoke(ADMIN, other.keyId(), null);
        assertRefused(
                Code.KEY_REVOKED,
                () -> authenticate(KeyString.parse(other.key()).orElseThrow()));
        assertRefused(Code.KEY_UNKNOWN, () -> authenticate(KeyString.generate(KeyString.Kind.WORKER)));
        assertThat(keys.list("delta", Paging.of(null, null)).items())
                .extracting(key -> key.state())
                .containsExactlyInAnyOrder("expired", "revoked");
    }

    private Caller enabled() {
        String made =
                secrets.change(ADMIN, new AutoEnrollment.Change(true, null)).enrollmentSecret();
        return new EnrollmentAuthenticator(secrets).authenticate(new Presented(made, Origin.NONE));
    }

    private Caller authenticate(KeyString key) {
        return new ApiKeyAuthenticator(keys, workerKeys, judge, isolation)
                .authenticate(new Presented(key.reveal(), Origin.NONE));
    }

    private Enroll.Request wish(String name, Identity identity, KeyString key) {
        Enroll.Request wish = new Enroll.Request(
                name, Map.of("zone", "a"), key.id(), key.hash(), identity.publicKey(), clock.millis(), null);
        return wish.signed(identity.sign(wish.signedBytes()));
    }

    private WorkerKey.Request register(String workerId, Identity identity, KeyString key) {
        WorkerKey.Request wish =
                new WorkerKey.Request(key.id(), key.hash(), identity.publicKey(), clock.millis(), null);
        return wish.signed(identity.sign(wish.signedBytes(workerId)));
    }

    private static void assertRefused(Code code, Runnable call) {
        assertThatThrownBy(call::run)
                .isInstanceOfSatisfying(
                        Refusal.class, refusal -> assertThat(refusal.code()).isEqualTo(code));
    }
}
