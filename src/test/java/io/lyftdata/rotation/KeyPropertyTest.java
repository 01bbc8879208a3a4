package io.lyftdata.rotation;

import static io.lyftdata.rotation.KeyFixture.ADMIN;
import static org.assertj.core.api.Assertions.assertThat;

import io.lyftdata.api.Refusal;
import io.lyftdata.api.rotation.Rotation.Wish;
import io.lyftdata.crypto.KeyString;
import io.lyftdata.ledger.Change;
import io.lyftdata.ledger.Topic;
import io.lyftdata.testing.Engine;
import io.lyftdata.testing.MovableClock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Workers, server, crashes, lost calls and answers, restores and clocks in any order: an honest worker always has a key
 * that works or comes back by itself, and a key that was revoked never works again.
 */
class KeyPropertyTest {
    private static final int SEEDS = Integer.getInteger("lyftdata.keySeeds", 12);
    private static final int EVENTS = 250;
    private static final int WORKERS = 3;
    private static final List<Duration> PASSES = List.of(
            Duration.ofSeconds(15),
            Duration.ofMinutes(1),
            Duration.ofMinutes(11),
            Duration.ofHours(9),
            Duration.ofDays(7),
            Duration.ofDays(16),
            Duration.ofDays(31),
            Duration.ofHours(-1),
            Duration.ofDays(-3));

    @TempDir
    Path directory;

    private final MovableClock clock = new MovableClock();
    private final List<ModelWorker> workers = new ArrayList<>();
    /** By an operator, or by a recovery. */
    private final Set<String> revoked = new TreeSet<>();

    private Random random;
    private KeyFixture server;
    private Path backup;

    static List<Integer> seeds() {
        List<Integer> seeds = new ArrayList<>();
        for (int seed = 1; seed <= SEEDS; seed++) {
            seeds.add(seed);
        }
        return seeds;
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void theHonestComeBackAndTheRevokedDoNot(int seed) throws Exception {
        random = new Random(seed);
        open();
        for (int i = 0; i < WORKERS; i++) {
            workers.add(new ModelWorker(server.enroll("w" + i), random, 0.12, key -> revoked.add(key.reveal())));
        }
        backUp();
        for (int i = 0; i < EVENTS; i++) {
            event();
        }
        server.close();
    }

    private void open() {
        server = new KeyFixture(Engine.SQLITE, directory, clock, new RotationConfig(null, null, null));
    }

    private void event() throws Exception {
        int die = random.nextInt(100);
        if (die < 70) {
            workers.get(random.nextInt(WORKERS)).beat(server);
        } else if (die < 82) {
            clock.advance(PASSES.get(random.nextInt(PASSES.size())));
        } else if (die < 86) {
            revoke(workers.get(random.nextInt(WORKERS)).host().key());
        } else if (die < 88) {
            workers.forEach(worker -> revoked.add(worker.host().key().reveal()));
            server.keys.revokeAll(ADMIN);
        } else if (die < 92) {
            String overlap = random.nextBoolean() ? "0" : null;
            server.rotations.order(ADMIN, new Wish(null, null, true, random.nextBoolean() ? "10m" : null, overlap));
        } else if (die < 94) {
            server.close();
            open();
        } else if (die < 95) {
            backUp();
        } else if (die < 97) {
            restore();
        } else {
            hold();
        }
    }

    private void revoke(KeyString key) {
        if (server.keys.find(key.id()).isPresent()) {
            server.keys.revoke(ADMIN, key.id(), null);
            if (!isAccepted(key)) {
                revoked.add(key.reveal());
            }
        }
    }

    private void backUp() throws Exception {
        server.close();
        backup = directory.resolve("backup");
        Files.copy(directory.resolve("control.db"), backup, StandardCopyOption.REPLACE_EXISTING);
        open();
    }

    /** The older database beside the present ledger, in which an epoch begins. */
    private void restore() throws Exception {
        server.restrictions.ledger().append(new Change(Topic.EPOCH, Change.ALL, "begun"));
        server.close();
        Files.copy(backup, directory.resolve("control.db"), StandardCopyOption.REPLACE_EXISTING);
        open();
        refuseTheRevoked();
        workers.forEach(worker -> assertThat(isAccepted(worker.host().key())).isFalse());
    }

    private void refuseTheRevoked() {
        for (String key : revoked) {
            assertThat(isAccepted(KeyString.parse(key).orElseThrow())).isFalse();
        }
    }

    /** In calm times. */
    private void hold() {
        refuseTheRevoked();
        for (int i = 0; i < WORKERS; i++) {
            ModelWorker calm = workers.get(i).calm();
            boolean accepted = false;
            for (int beat = 0; beat < 4 && !accepted; beat++) {
                clock.advance(Duration.ofSeconds(15));
                accepted = calm.beat(server);
            }
            assertThat(accepted).as("worker %d", i).isTrue();
            workers.set(i, calm.troubled(0.12));
        }
        clock.advance(Duration.ofMinutes(6)); // so that no worker has proved itself too often
    }

    private boolean isAccepted(KeyString key) {
        try {
            server.use(key);
            return true;
        } catch (Refusal refusal) {
            return false;
        }
    }
}
