package io.lyftdata.rotation;

import static io.lyftdata.rotation.KeyFixture.ADMIN;
import static io.lyftdata.rotation.KeyFixture.INSTALLATION;
import static io.lyftdata.rotation.KeyFixture.assertRefused;
import static io.lyftdata.rotation.KeyFixture.next;
import static io.lyftdata.rotation.KeyFixture.sign;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lyftdata.api.Code;
import io.lyftdata.api.Refusal;
import io.lyftdata.api.rotation.Recover;
import io.lyftdata.auth.Origin;
import io.lyftdata.crypto.Identity;
import io.lyftdata.crypto.KeyString;
import io.lyftdata.crypto.Randomness;
import io.lyftdata.ledger.Change;
import io.lyftdata.ledger.Topic;
import io.lyftdata.rotation.KeyFixture.Host;
import io.lyftdata.testing.Engine;
import io.lyftdata.worker.Sighting;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The way back by the identity key, on both databases. */
class RecoveryTest {
    private static final String A = "a".repeat(32);
    private static final String B = "b".repeat(32);
    private static final String C = "c".repeat(32);

    @TempDir
    Path directory;

    private KeyFixture server;

    private void open(Engine engine) {
        server = KeyFixture.open(engine, directory);
    }

    @AfterEach
    void close() throws Exception {
        server.close();
    }

    @ParameterizedTest
    @EnumSource
    void whoProvesItselfGetsAKeyThatEndsAllOthers(Engine engine) {
        open(engine);
        Host host = server.enroll("alpha");
        KeyString pending = next();
        server.put(host, pending);
        var bootstrap = server.keys.issue(ADMIN, "alpha");
        KeyString renewed = next();
        server.recover(server.proof(host, renewed));
        assertThat(server.use(renewed).id()).isEqualTo("alpha");
        for (KeyString other :
                List.of(host.key(), pending, KeyString.parse(bootstrap.key()).orElseThrow())) {
            assertRefused(Code.KEY_REVOKED, () -> server.use(other));
        }
        server.recover(server.proof(host, renewed)); // its answer was lost
        assertThat(server.use(renewed).id()).isEqualTo("alpha");
        assertRefused(Code.UNPROCESSABLE, () -> server.recover(server.proof(host, host.key())));
    }

    @ParameterizedTest
    @EnumSource
    void allKeysOfAFleetEndByOneEntryAndTheHonestComeBack(Engine engine) {
        open(engine);
        Host alpha = server.enroll("alpha");
        Host beta = server.enroll("beta");
        KeyString pending = next();
        server.put(beta, pending);
        long before = server.restrictions.ledger().position().sequence();
        assertThat(server.keys.revokeAll(ADMIN).keys()).isEqualTo(3);
        assertThat(server.restrictions.ledger().position().sequence()).isEqualTo(before + 1);
        for (KeyString ended : List.of(alpha.key(), beta.key(), pending)) {
            assertRefused(Code.KEY_REVOKED, () -> server.use(ended));
        }
        KeyString renewed = next();
        server.recover(server.proof(beta, renewed));
        assertThat(server.use(renewed).id()).isEqualTo("beta");
        assertRefused(Code.UNPROCESSABLE, () -> server.recover(server.proof(beta, pending)));
    }

    @ParameterizedTest
    @EnumSource
    void aLeakIsToldInLedgerAndRecordAlsoOfAKeyThatHasEnded(Engine engine) {
        open(engine);
        Host host = server.enroll("alpha");
        String id = host.key().id();
        assertRefused(Code.UNPROCESSABLE, () -> server.keys.revoke(ADMIN, id, "bored"));
        assertThat(server.use(host.key()).id()).isEqualTo("alpha");
        assertThat(server.keys.revoke(ADMIN, id, null).workerId()).isEqualTo("alpha");
        assertThat(leaks(id)).isEqualTo("0");
        for (int i = 0; i < 2; i++) {
            assertThat(server.keys.revoke(ADMIN, id, "compromised").state()).isEqualTo("revoked");
            assertThat(leaks(id)).isEqualTo("1");
            assertThat(reason(id)).isEqualTo("compromised");
        }
        KeyString renewed = next();
        server.recover(server.proof(host, renewed));
        server.keys.revoke(ADMIN, renewed.id(), "compromised");
        assertRefused(Code.KEY_REVOKED, () -> server.use(renewed));
        assertThat(leaks(renewed.id())).isEqualTo("1");
        assertThat(reason(renewed.id())).isEqualTo("compromised");
    }

    private String leaks(String keyId) {
        return server.database
                .first(
                        "SELECT CAST(COUNT(*) AS TEXT) FROM audit WHERE action = 'API_KEY_REVOKED' AND subject = ?"
                                + " AND difference LIKE '%compromised%'",
                        keyId)
                .orElseThrow();
    }

    private String reason(String keyId) {
        return server.restrictions
                .ledger()
                .last(Topic.API_KEY, keyId)
                .orElseThrow()
                .fact("reason");
    }

    @ParameterizedTest
    @EnumSource
    void keysOfAnEarlierEpochAreRefusedUntilTheyAreRenewed(Engine engine) {
        open(engine);
        Host host = server.enroll("alpha");
        server.restrictions.ledger().append(new Change(Topic.EPOCH, Change.ALL, "begun"));
        assertRefused(Code.KEY_EXPIRED, () -> server.use(host.key()));
        KeyString renewed = next();
        server.recover(server.proof(host, renewed));
        assertThat(server.use(renewed).id()).isEqualTo("alpha");
        assertRefused(Code.KEY_REVOKED, () -> server.use(host.key()));
    }

    @ParameterizedTest
    @EnumSource
    void aProofCountsOnceForTwoMinutesAndNotOverARestart(Engine engine) {
        open(engine);
        Host host = server.enroll("alpha");
        server.clock.advance(Duration.ofMinutes(10));
        Recover.Request used = server.proof(host, next());
        server.recover(used);
        assertSignAnew(Code.PROOF_REUSED, used);
        for (int seconds : List.of(-121, 121)) {
            assertSignAnew(Code.PROOF_EXPIRED, proofAt(host, server.clock.millis() + seconds * 1000L));
        }
        for (int seconds : List.of(-120, 120)) {
            server.recover(proofAt(host, server.clock.millis() + seconds * 1000L));
        }
        Recovery restarted =
                new Recovery(server.workers, server.isolation, server.own, server.clones, server.clock, () -> 0);
        Recover.Request before = proofAt(host, server.clock.millis() - 1);
        assertRefused(Code.PROOF_EXPIRED, () -> restarted.recover(Origin.NONE, null, before, INSTALLATION));
        restarted.recover(Origin.NONE, null, server.proof(host, next()), INSTALLATION);
    }

    @ParameterizedTest
    @EnumSource
    void whoRecoversBesideALivingProcessRaisesTheAlarm(Engine engine) {
        open(engine);
        Host host = server.enroll("alpha");
        beat(A);
        KeyString renewed = next();
        server.recover(A, server.proof(host, renewed));
        server.recover(B, server.proof(host, renewed)); // its answer was lost, and it restarted
        server.clock.advance(Duration.ofSeconds(46));
        server.recover(B, server.proof(host, next())); // the other has been silent for three intervals
        beat(B);
        server.keys.revokeAll(ADMIN);
        server.recover(C, server.proof(host, next())); // restarted, and its key is refused
        assertThat(server.clones.open()).isEmpty();
        KeyString stolen = next();
        server.recover(A, server.proof(host, stolen));
        assertThat(server.clones.open()).containsExactly("alpha");
        assertThat(trail())
                .as("on record before it is granted")
                .endsWith("WORKER_CLONED alpha", "WORKER_RECOVERED alpha")
                .containsOnlyOnce("WORKER_CLONED alpha");
    }

    private void beat(String instance) {
        server.workers
                .sightings()
                .see(new Sighting(
                        "alpha",
                        server.clock.instant(),
                        Origin.NONE.text(),
                        instance,
                        "1.0",
                        1,
                        "pinned",
                        Map.of(),
                        0));
    }

    private List<String> trail() {
        return server.database.read(tx -> tx.createQuery("SELECT action || ' ' || subject FROM audit ORDER BY position")
                .mapTo(String.class)
                .list());
    }

    private static Recover.Request proofAt(Host host, long time) {
        KeyString key = next();
        return sign(host, new Recover.Request(host.id(), key.id(), key.hash(), time, Randomness.hex(128), null));
    }

    private void assertSignAnew(Code code, Recover.Request proof) {
        assertThatThrownBy(() -> server.recover(proof)).isInstanceOfSatisfying(Refusal.class, refusal -> {
            assertThat(refusal.code()).isEqualTo(code);
            assertThat(refusal.facts()).containsKeys("serverTime").containsEntry("installation", INSTALLATION);
        });
    }

    @ParameterizedTest
    @EnumSource
    void whoCannotProveItselfLearnsNothing(Engine engine) {
        open(engine);
        Host host = server.enroll("alpha");
        Host thief = server.enroll("thief");
        Recover.Request good = server.proof(host, next());
        assertSignAnew(Code.PROOF_INVALID, server.proof(new Host("alpha", thief.identity(), host.key()), next()));
        assertSignAnew(Code.PROOF_INVALID, server.proof(new Host("nobody", Identity.generate(), host.key()), next()));
        assertSignAnew(Code.PROOF_INVALID, good.signed("AAAA"));
        assertSignAnew(Code.PROOF_INVALID, good.signed(host.identity().sign(good.signedBytes("1".repeat(32)))));
        assertRefused(Code.PROOF_MISSING, () -> server.recover(good.signed(null)));
        assertRefused(Code.KEY_TAKEN, () -> server.recover(server.proof(host, thief.key())));
        assertRefused(
                Code.UNPROCESSABLE,
                () -> server.recover(new Recover.Request("alpha", next().id(), "no hash", 0, "", "")));
        assertRefused(
                Code.UNPROCESSABLE,
                () -> server.recover(new Recover.Request("alpha", next().id(), "0".repeat(64), 0, "x", "")));
        server.isolate(host);
        assertRefused(Code.WORKER_ISOLATED, () -> server.recover(server.proof(host, next())));
        assertSignAnew(Code.PROOF_INVALID, server.proof(new Host("alpha", thief.identity(), host.key()), next()));
        server.isolation.release(ADMIN, List.of("alpha"));
        assertThat(server.use(host.key()).id()).isEqualTo("alpha");
    }

    @ParameterizedTest
    @EnumSource
    void guessesAreSlowedDownAndGoodProofsAreNot(Engine engine) {
        open(engine);
        Host host = server.enroll("alpha");
        Recover.Request bad = server.proof(host, next()).signed("AAAA");
        for (int i = 0; i < 60; i++) {
            assertRefused(Code.PROOF_INVALID, () -> server.recover(bad));
        }
        assertRefused(Code.TOO_MANY_REQUESTS, () -> server.recover(bad));
        for (int i = 0; i < 20; i++) {
            server.recover(server.proof(host, next()));
        }
        assertRefused(Code.TOO_MANY_REQUESTS, () -> server.recover(server.proof(host, next())));
        server.clock.advance(Duration.ofMinutes(5));
        KeyString renewed = next();
        server.recover(server.proof(host, renewed));
        assertThat(server.use(renewed).id()).isEqualTo("alpha");
    }
}
