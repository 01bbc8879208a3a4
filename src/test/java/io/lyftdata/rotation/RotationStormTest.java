package io.lyftdata.rotation;

import static io.lyftdata.rotation.KeyFixture.next;
import static org.assertj.core.api.Assertions.assertThat;

import io.lyftdata.api.Refusal;
import io.lyftdata.crypto.KeyString;
import io.lyftdata.rotation.KeyFixture.Host;
import io.lyftdata.testing.Engine;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A fleet that rotates without pause while it heartbeats: no key is refused that counts, and none accepted that ended. */
class RotationStormTest {
    private static final int ROTATIONS = 200;

    private static final int BEATING_THREADS = 4;
    private static final int BEATS_PER_ROTATION = 5;

    @TempDir
    Path directory;

    private final Semaphore due = new Semaphore(0);
    private final AtomicLong beats = new AtomicLong();
    private KeyFixture server;

    @AfterEach
    void close() throws Exception {
        server.close();
    }

    /** A worker with all the keys that it ever had; a key counts until its successor's successor has been used. */
    private final class Rotating {
        private final List<KeyString> keys = new CopyOnWriteArrayList<>();
        private Host host;
        /** The newest key that may have ended, and the newest that has: between the two either answer is right. */
        private volatile int ending = -1;

        private volatile int ended = -1;

        Rotating(Host host) {
            this.host = host;
            keys.add(host.key());
        }

        void rotate() {
            KeyString following = next();
            server.put(host, following);
            ending = keys.size() - 2;
            server.use(following);
            ended = ending;
            keys.add(following);
            host = host.with(following);
            due.release(BEATS_PER_ROTATION);
        }

        /** Uses its newest key, and now and then one of those before. */
        void beat(Random random) {
            int newest = keys.size() - 1;
            int used = random.nextInt(4) > 0 ? newest : random.nextInt(keys.size());
            boolean mustFail = used <= ended;
            String verdict = verdict(keys.get(used));
            boolean mayFail = used <= ending;
            if (mustFail) {
                assertThat(verdict).as("key %d, once %d had ended", used, ended).isEqualTo("key_revoked");
            } else if (!mayFail) {
                assertThat(verdict).as("key %d of %d", used, newest).isEqualTo("accepted");
            }
            beats.incrementAndGet();
        }
    }

    private String verdict(KeyString key) {
        try {
            server.use(key);
            return "accepted";
        } catch (Refusal refusal) {
            return refusal.code().wire();
        }
    }

    @ParameterizedTest
    @EnumSource
    void noKeyIsRefusedTooEarlyNorAcceptedTooLate(Engine engine) throws Exception {
        server = KeyFixture.open(engine, directory);
        List<Rotating> fleet = new ArrayList<>();
        int workers = engine == Engine.SQLITE ? 64 : 8;
        for (int i = 0; i < workers; i++) {
            fleet.add(new Rotating(server.enroll("w" + i)));
        }
        ExecutorService threads = Executors.newFixedThreadPool(workers + BEATING_THREADS);
        try {
            List<Future<?>> rotating = new ArrayList<>();
            for (Rotating worker : fleet) {
                rotating.add(threads.submit(() -> rotate(worker)));
            }
            List<Future<?>> beating = new ArrayList<>();
            for (int i = 0; i < BEATING_THREADS; i++) {
                int seed = i;
                beating.add(threads.submit(() -> beat(fleet, new Random(seed), rotating)));
            }
            for (Future<?> end : rotating) {
                end.get();
            }
            for (Future<?> end : beating) {
                end.get();
            }
        } finally {
            threads.shutdownNow();
        }
        assertThat(beats).hasValueGreaterThan((long) workers * ROTATIONS);
        for (Rotating worker : fleet) {
            assertThat(worker.keys).hasSize(ROTATIONS + 1);
            assertThat(verdict(worker.host.key())).isEqualTo("accepted");
            assertThat(states(worker.host.id())).containsExactly("active", "old");
        }
    }

    private List<String> states(String worker) {
        return server.database.read(tx -> tx.createQuery(
                        "SELECT state FROM api_key WHERE worker_id = ? AND state <> 'revoked' ORDER BY state")
                .bind(0, worker)
                .mapTo(String.class)
                .list());
    }

    private static void rotate(Rotating worker) {
        for (int i = 0; i < ROTATIONS; i++) {
            worker.rotate();
        }
    }

    private Void beat(List<Rotating> fleet, Random random, List<Future<?>> rotating) throws InterruptedException {
        while (!rotating.stream().allMatch(Future::isDone)) {
            if (due.tryAcquire(10, TimeUnit.MILLISECONDS)) {
                fleet.get(random.nextInt(fleet.size())).beat(random);
            }
        }
        return null;
    }
}
