package io.lyftdata.enrollment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import inet.ipaddr.IPAddressString;
import io.lyftdata.api.AutoEnrollment;
import io.lyftdata.api.AutoEnrollment.Terms;
import io.lyftdata.api.Code;
import io.lyftdata.api.Enroll;
import io.lyftdata.api.Refusal;
import io.lyftdata.apikey.KeyJudge;
import io.lyftdata.apikey.WorkerKeys;
import io.lyftdata.audit.Audit;
import io.lyftdata.audit.Restrictions;
import io.lyftdata.auth.Caller;
import io.lyftdata.auth.Origin;
import io.lyftdata.auth.Presented;
import io.lyftdata.auth.Role;
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
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The shared secret ends when it was said to, lets in whom it was said to, and never comes back. */
class SecretsTest {
    private static final int STORMS = 20;

    private static final Caller ADMIN = new Caller(Caller.Kind.USER, "admin", Role.ADMIN, "", Origin.NONE);
    private static final Terms NONE = Terms.SAME;

    @TempDir
    Path directory;

    private final MovableClock clock = new MovableClock();
    private final DatabaseOpener opener = new DatabaseOpener();
    private Database database;
    private Workers workers;
    private Secrets secrets;
    private Enrollment enrollment;

    private void open(Engine engine) {
        database = engine.open(opener, directory);
        Audit audit = new Audit(database, "00000000000000000000000000000000", clock);
        Restrictions restrictions = TestLedger.restrictions(directory, database, audit, clock);
        Isolation isolation = new Isolation(restrictions, clock);
        workers = new Workers(database, audit, isolation, clock, Duration.ofSeconds(45));
        RotationRules rules =
                new RotationRules(database, new RotationConfig(null, null, null), clock, System::nanoTime);
        WorkerKeys keys = new WorkerKeys(database, audit, workers, new KeyJudge(restrictions, clock, rules));
        secrets = new Secrets(database, restrictions, clock);
        enrollment = new Enrollment(database, secrets, workers, isolation, keys, clock);
    }

    @AfterEach
    void close() throws Exception {
        opener.close();
    }

    private AutoEnrollment.View enable(Long overlapSeconds, Terms terms) {
        return secrets.change(ADMIN, new AutoEnrollment.Change(true, null, overlapSeconds, terms));
    }

    private static Terms limit(long limit) {
        return new Terms(null, limit, null, null);
    }

    private static Origin from(String address) {
        return new Origin(Optional.of(new IPAddressString(address).getAddress()), Optional.empty());
    }

    private Caller knock(String secret) {
        return knock(secret, Origin.NONE);
    }

    private Caller knock(String secret, Origin origin) {
        return new EnrollmentAuthenticator(secrets).authenticate(new Presented(secret, origin));
    }

    private Enroll.Request wish(String name, Map<String, String> labels) {
        Identity identity = Identity.generate();
        KeyString key = KeyString.generate(KeyString.Kind.WORKER);
        Enroll.Request wish =
                new Enroll.Request(name, labels, key.id(), key.hash(), identity.publicKey(), clock.millis(), null);
        return wish.signed(identity.sign(wish.signedBytes()));
    }

    private Enroll.Request wish(String name) {
        return wish(name, Map.of());
    }

    private void join(String secret, Enroll.Request wish) {
        enrollment.join(knock(secret), wish, "i");
    }

    private static void assertRefused(Code code, Runnable call) {
        assertThatThrownBy(call::run)
                .isInstanceOfSatisfying(
                        Refusal.class, refusal -> assertThat(refusal.code()).isEqualTo(code));
    }

    private List<String> records(String action) {
        return database.read(
                tx -> tx.createQuery("SELECT actor || ' ' || difference FROM audit WHERE action = ? ORDER BY position")
                        .bind(0, action)
                        .mapTo(String.class)
                        .list());
    }

    @ParameterizedTest
    @EnumSource
    void acceptsTheFormerSecretForTheOverlapAndNeverAgain(Engine engine) {
        open(engine);
        String first = enable(null, NONE).enrollmentSecret();
        AutoEnrollment.View view = enable(60L, NONE);
        join(first, wish("one"));
        join(view.enrollmentSecret(), wish("two"));
        assertThat(view.former().until()).isEqualTo(clock.instant().plusSeconds(60));
        assertThat(secrets.show().former().lastUsedBy()).isEqualTo("one");
        assertThat(secrets.isLive(view.former().secretId())).isTrue();
        clock.advance(Duration.ofSeconds(60).minusMillis(1));
        join(first, wish("three"));
        clock.advance(Duration.ofMillis(1));
        assertRefused(Code.ENROLLMENT_REFUSED, () -> knock(first));
        assertRefused(
                Code.UNPROCESSABLE, () -> secrets.change(ADMIN, new AutoEnrollment.Change(true, first, null, null)));
        assertThat(secrets.show().former()).isNull();
        join(view.enrollmentSecret(), wish("four"));
    }

    @ParameterizedTest
    @EnumSource
    void anOverlapEndsWithTheNextChange(Engine engine) {
        open(engine);
        String first = enable(null, NONE).enrollmentSecret();
        String second = enable(600L, NONE).enrollmentSecret();
        String third = enable(600L, NONE).enrollmentSecret();
        assertRefused(Code.ENROLLMENT_REFUSED, () -> knock(first));
        knock(second);
        secrets.change(ADMIN, new AutoEnrollment.Change(false, null));
        for (String secret : List.of(second, third)) {
            assertRefused(Code.ENROLLMENT_REFUSED, () -> knock(secret));
        }
    }

    @ParameterizedTest
    @EnumSource
    void isSwitchedOffByItsTimeWithARecord(Engine engine) {
        open(engine);
        AutoEnrollment.View view = enable(null, new Terms(3600L, null, null, null));
        clock.advance(Duration.ofHours(1).minusMillis(1));
        secrets.sweep();
        join(view.enrollmentSecret(), wish("one"));
        clock.advance(Duration.ofMillis(1));
        assertRefused(Code.ENROLLMENT_REFUSED, () -> knock(view.enrollmentSecret()));
        assertThat(secrets.show().enabled()).isFalse();
        assertThat(secrets.isLive(view.secretId())).isFalse();
        assertThat(records("ENROLLMENT_DISABLED")).isEmpty();
        secrets.sweep();
        secrets.sweep();
        assertThat(records("ENROLLMENT_DISABLED"))
                .singleElement()
                .asString()
                .contains("server", "\"cause\":{\"after\":\"time\"}");
    }

    @ParameterizedTest
    @EnumSource
    void isSwitchedOffByItsCountAndStillAnswersTheRetry(Engine engine) {
        open(engine);
        String secret = enable(null, limit(2)).enrollmentSecret();
        Enroll.Request last = wish("last");
        join(secret, wish("first"));
        join(secret, last);
        assertThat(secrets.show().enabled()).isFalse();
        assertThat(records("ENROLLMENT_DISABLED")).singleElement().asString().contains("\"count\"");
        join(secret, last);
        clock.advance(Duration.ofMinutes(1));
        join(secret, last);
        Enroll.Request another = wish("another");
        assertRefused(Code.ENROLLMENT_REFUSED, () -> join(secret, another));
        assertThat(workers.exists("another")).isFalse();
        clock.advance(Duration.ofMinutes(9));
        assertRefused(Code.ENROLLMENT_REFUSED, () -> knock(secret));
    }

    @ParameterizedTest
    @EnumSource
    void admitsNoMoreThanItsCountHoweverManyCome(Engine engine) throws Exception {
        open(engine);
        String secret = enable(null, limit(5)).enrollmentSecret();
        List<Callable<Boolean>> attempts = new ArrayList<>();
        for (int i = 0; i < 60; i++) {
            Enroll.Request wish = wish("w" + i);
            attempts.add(() -> admitted(secret, wish));
        }
        assertThat(run(attempts)).isEqualTo(5);
        assertThat(workers.list(Paging.of(null, null)).items()).hasSize(5);
    }

    /** Each of a thousand claims the same name, and asks again at the same time as if the answer had been lost. */
    @ParameterizedTest
    @EnumSource
    void ofAThousandWithOneNameOneComesInAndItsRetryWithIt(Engine engine) throws Exception {
        open(engine);
        String secret = enable(null, NONE).enrollmentSecret();
        for (int round = 1; round <= STORMS; round++) {
            List<Callable<Boolean>> attempts = new ArrayList<>();
            for (int i = 0; i < 1000; i++) {
                Enroll.Request wish = wish("same-" + round);
                attempts.add(() -> admitted(secret, wish));
                attempts.add(() -> admitted(secret, wish));
            }
            Collections.shuffle(attempts, new java.util.Random(20261127 + round));
            assertThat(run(attempts)).as("round %d", round).isEqualTo(2);
            assertThat(secrets.show().admitted()).isEqualTo(round);
            assertThat(workers.list(Paging.of(null, null)).items()).hasSize(round);
        }
    }

    private boolean admitted(String secret, Enroll.Request wish) {
        try {
            join(secret, wish);
            return true;
        } catch (Refusal refusal) {
            assertThat(refusal.code()).isIn(Code.ENROLLMENT_REFUSED, Code.NAME_TAKEN);
            return false;
        }
    }

    private static int run(List<Callable<Boolean>> attempts) throws Exception {
        ExecutorService pool = Executors.newFixedThreadPool(32);
        int admitted = 0;
        for (Future<Boolean> attempt : pool.invokeAll(attempts)) {
            admitted += attempt.get() ? 1 : 0;
        }
        pool.shutdown();
        return admitted;
    }

    @ParameterizedTest
    @EnumSource
    void admitsOnlyFromItsSourcesAndWithItsLabels(Engine engine) {
        open(engine);
        Terms terms = new Terms(null, null, List.of("192.0.2.0/24", "2001:db8::/64"), Map.of("site", "lyon"));
        String secret = enable(null, terms).enrollmentSecret();
        for (Origin odd : List.of(from("192.0.3.1"), from("2001:db8:0:1::1"), Origin.NONE)) {
            assertRefused(Code.ADDRESS_REFUSED, () -> knock(secret, odd));
        }
        Caller caller = knock(secret, from("192.0.2.7"));
        knock(secret, from("2001:db8::1"));
        assertRefused(Code.UNPROCESSABLE, () -> enrollment.join(caller, wish("one"), "i"));
        assertRefused(Code.UNPROCESSABLE, () -> enrollment.join(caller, wish("one", Map.of("site", "x")), "i"));
        enrollment.join(caller, wish("one", Map.of("site", "lyon", "more", "y")), "i");
        assertThat(workers.show("one").admittedFrom()).isEqualTo("192.0.2.7");
    }

    @ParameterizedTest
    @EnumSource
    void aRotationKeepsTheTermsUnlessOthersAreGiven(Engine engine) {
        open(engine);
        enable(null, new Terms(3600L, 2L, List.of("192.0.2.0/24"), Map.of("site", "lyon")));
        clock.advance(Duration.ofMinutes(30));
        AutoEnrollment.View same = enable(null, null);
        assertThat(same.expiresAt()).isEqualTo(clock.instant().plusSeconds(3600));
        assertThat(same.limit()).isEqualTo(2);
        assertThat(same.sources()).containsExactly("192.0.2.0/24");
        assertThat(same.labels()).containsEntry("site", "lyon");
        AutoEnrollment.View other = enable(null, new Terms(0L, 0L, List.of(), null));
        assertThat(other.expiresAt()).isNull();
        assertThat(other.limit()).isNull();
        assertThat(other.sources()).isEmpty();
        assertThat(other.labels()).containsEntry("site", "lyon");
        secrets.change(ADMIN, new AutoEnrollment.Change(false, null));
        assertThat(enable(null, null).labels()).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void refusesTermsThatMeanNothing(Engine engine) {
        open(engine);
        for (Terms odd : List.of(
                new Terms(-1L, null, null, null),
                new Terms(Long.MAX_VALUE, null, null, null),
                new Terms(null, -1L, null, null),
                new Terms(null, null, List.of("192.0.2.0/33"), null),
                new Terms(null, null, Collections.nCopies(33, "192.0.2.1"), null),
                new Terms(null, null, Collections.singletonList(null), null),
                new Terms(null, null, null, Map.of("", "x")))) {
            assertRefused(Code.UNPROCESSABLE, () -> enable(null, odd));
        }
        assertRefused(Code.UNPROCESSABLE, () -> enable(-1L, NONE));
        assertThat(secrets.show().enabled()).isFalse();
    }
}
