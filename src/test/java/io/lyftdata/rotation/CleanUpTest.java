package io.lyftdata.rotation;

import static io.lyftdata.rotation.KeyFixture.ADMIN;
import static io.lyftdata.rotation.KeyFixture.next;
import static org.assertj.core.api.Assertions.assertThat;

import io.lyftdata.api.Refusal;
import io.lyftdata.api.rotation.Rotation.Wish;
import io.lyftdata.apikey.ApiKeySweeper;
import io.lyftdata.crypto.KeyString;
import io.lyftdata.rotation.KeyFixture.Host;
import io.lyftdata.testing.Engine;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Ended keys that are forgotten do not come back, and none is forgotten that counts. */
class CleanUpTest {
    private static final Duration OVERLAP = Duration.ofMinutes(10);
    private static final Duration MAXIMUM_AGE = Duration.ofDays(30);
    private static final Duration MEMORY = Duration.ofDays(90);
    private static final List<Duration> EDGE =
            List.of(Duration.ofSeconds(-1), Duration.ofMillis(-1), Duration.ZERO, Duration.ofMillis(1));

    @TempDir
    Path directory;

    private KeyFixture server;
    private Host host;
    private KeyString second;
    private Instant start;

    /** A worker that has just rotated: its first key counts for the overlap. */
    private void open(Engine engine) {
        server = KeyFixture.open(engine, directory);
        host = server.enroll("alpha");
        second = rotate(host);
        start = server.clock.instant();
    }

    private KeyString rotate(Host some) {
        KeyString following = next();
        server.put(some, following);
        server.use(following);
        return following;
    }

    @AfterEach
    void close() throws Exception {
        server.close();
    }

    private ApiKeySweeper sweeper() {
        return new ApiKeySweeper(server.keys, server.database, server.clock);
    }

    private void sweepAt(Instant time) {
        server.clock.set(time);
        sweeper().sweep();
    }

    /** {@code accepted}, or the refusal's code. */
    private String verdict(KeyString key) {
        try {
            server.use(key);
            return "accepted";
        } catch (Refusal refusal) {
            return refusal.code().wire();
        }
    }

    private boolean isKnown(KeyString key) {
        return server.database
                .first("SELECT state FROM api_key WHERE id = ?", key.id())
                .isPresent();
    }

    @ParameterizedTest
    @EnumSource
    void cleanUpAtADeadlineNeitherProlongsNorShortensAKey(Engine engine) {
        open(engine);
        Host late = server.enroll("late");
        server.rotations.order(ADMIN, new Wish("late", null, null, "1h", null));
        Map<KeyString, Instant> deadlines = Map.of(
                host.key(),
                start.plus(OVERLAP),
                late.key(),
                start.plus(Duration.ofHours(1)),
                second,
                start.plus(MAXIMUM_AGE));
        for (KeyString key : List.of(host.key(), late.key(), second)) {
            for (Duration edge : EDGE) {
                sweepAt(deadlines.get(key).plus(edge));
                assertThat(verdict(key)).as("%s", edge).isEqualTo(edge.isNegative() ? "accepted" : "key_expired");
            }
        }
    }

    /** A fleet that comes back then costs no query for each worker. */
    @ParameterizedTest
    @EnumSource
    void everyKeyThatLivesIsReadAtTheStart(Engine engine) throws Exception {
        open(engine);
        KeyString unused = server.enroll("late").key();
        ApiKeySweeper sweeper = sweeper();
        sweeper.start();
        sweeper.stop();
        server.database.write(tx -> tx.createUpdate("DELETE FROM api_key WHERE id = ?")
                .bind(0, unused.id())
                .execute());
        assertThat(server.keys.find(unused.id())).as("it was not looked for").isPresent();
    }

    @ParameterizedTest
    @EnumSource
    void anEndedKeyIsForgottenAfterItsMemoryAndStaysRefused(Engine engine) {
        open(engine);
        List<KeyString> revoked = revokedOnes();
        Host live = server.enroll("live");
        server.clock.set(start.plus(Duration.ofDays(80)));
        KeyString current = next();
        server.recover(server.proof(live, current));
        for (Duration edge : EDGE) {
            sweepAt(start.plus(MEMORY).plus(edge));
            assertThat(revoked).allMatch(key -> isKnown(key) == (edge.compareTo(Duration.ZERO) <= 0));
            assertRefused(revoked);
        }
        for (Duration edge : EDGE) {
            sweepAt(start.plus(OVERLAP).plus(MEMORY).plus(edge));
            assertThat(isKnown(host.key())).isEqualTo(edge.compareTo(Duration.ZERO) <= 0);
            assertRefused(List.of(host.key(), second));
        }
        assertThat(verdict(current)).isEqualTo("accepted");
    }

    @ParameterizedTest
    @EnumSource
    void cleanUpByAClockThatIsFarAheadTakesNoKeyThatCounts(Engine engine) {
        open(engine);
        List<KeyString> revoked = revokedOnes();
        KeyString waiting = next();
        server.put(host.with(second), waiting);
        sweepAt(start.plus(Duration.ofDays(400)));
        assertRefused(List.of(second, waiting));
        sweepAt(start);
        assertThat(revoked).noneMatch(this::isKnown);
        assertRefused(revoked);
        assertThat(verdict(second)).isEqualTo("accepted");
        assertThat(verdict(waiting)).isEqualTo("accepted");
    }

    /** One that another replaced before its first use, and two that an operator ended. */
    private List<KeyString> revokedOnes() {
        KeyString replaced = next();
        server.put(host.with(second), replaced);
        server.put(host.with(second), next());
        KeyString bootstrap =
                KeyString.parse(server.keys.issue(ADMIN, "alpha").key()).orElseThrow();
        Host leaked = server.enroll("leaked");
        List.of(bootstrap, leaked.key()).forEach(key -> server.keys.revoke(ADMIN, key.id(), "compromised"));
        return List.of(replaced, bootstrap, leaked.key());
    }

    private void assertRefused(List<KeyString> keys) {
        assertThat(keys).extracting(this::verdict).isSubsetOf("key_revoked", "key_expired", "key_unknown");
    }
}
