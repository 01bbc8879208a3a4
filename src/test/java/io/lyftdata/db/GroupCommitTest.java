package io.lyftdata.db;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.lyftdata.testing.Engine;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.UnableToExecuteStatementException;
import org.jdbi.v3.core.transaction.TransactionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.slf4j.MDC;

class GroupCommitTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @TempDir
    Path directory;

    private final DatabaseOpener opener = new DatabaseOpener();
    private final ExecutorService pool = Executors.newCachedThreadPool();
    private final CountDownLatch gate = new CountDownLatch(1);
    private final AtomicInteger asked = new AtomicInteger();
    private Database database;

    @AfterEach
    void close() throws Exception {
        pool.shutdownNow();
        opener.close();
    }

    /** Another thread's write, whose work holds the writer until the gate opens. */
    private Future<Object> hold() {
        CountDownLatch held = new CountDownLatch(1);
        Future<Object> holding = pool.submit(() -> database.write(tx -> {
            held.countDown();
            awaitGate();
            return put(tx, "first");
        }));
        await().atMost(PATIENCE).until(() -> held.getCount() == 0);
        return holding;
    }

    private void awaitGate() {
        try {
            assertThat(gate.await(60, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /** A write that waits behind what holds the writer. */
    private Future<Object> queue(Function<Handle, Object> work) {
        AtomicReference<Thread> caller = new AtomicReference<>();
        Future<Object> queued = pool.submit(() -> {
            MDC.put("who", "caller " + asked.incrementAndGet());
            caller.set(Thread.currentThread());
            return database.write(work);
        });
        await().atMost(PATIENCE)
                .until(() -> caller.get() != null && caller.get().getState() == Thread.State.TIMED_WAITING);
        return queued;
    }

    private static Object put(Handle tx, String name) {
        return tx.execute("INSERT INTO installation_fact (name, value) VALUES (?, 'v')", name);
    }

    private List<String> stored() {
        return database.read(tx -> tx.createQuery("SELECT name FROM installation_fact ORDER BY name")
                .mapTo(String.class)
                .list());
    }

    @ParameterizedTest
    @EnumSource
    void whatFailsRollsBackAloneAndItsCallerLearnsWhy(Engine engine) throws Exception {
        database = engine.open(opener, directory);
        Future<Object> first = hold();
        Future<Object> good = queue(tx -> put(tx, "good"));
        Future<Object> thrown = queue(tx -> {
            put(tx, "thrown away");
            throw new IllegalArgumentException("mine");
        });
        Future<Object> refused = queue(tx -> put(tx, "first"));
        Future<Object> last = queue(tx -> put(tx, "last"));
        gate.countDown();

        first.get(60, TimeUnit.SECONDS);
        assertThat(good.get(60, TimeUnit.SECONDS)).isEqualTo(1);
        assertThat(last.get(60, TimeUnit.SECONDS)).isEqualTo(1);
        assertThatThrownBy(() -> thrown.get(60, TimeUnit.SECONDS))
                .isInstanceOf(ExecutionException.class)
                .hasCause(new IllegalArgumentException("mine"));
        assertThatThrownBy(() -> refused.get(60, TimeUnit.SECONDS))
                .hasCauseInstanceOf(UnableToExecuteStatementException.class);
        assertThat(stored()).containsExactly("first", "good", "last");
    }

    @ParameterizedTest
    @EnumSource
    void whatFailsFirstLeavesNothingBehind(Engine engine) {
        database = engine.open(opener, directory);
        assertThatThrownBy(() -> database.write(tx -> {
                    put(tx, "thrown away");
                    throw new IllegalArgumentException("mine");
                }))
                .hasMessage("mine");
        database.write(tx -> put(tx, "next"));
        assertThat(stored()).containsExactly("next");
    }

    @Test
    void thoseThatWaitShareOneTransactionAndKeepTheirContext() throws Exception {
        database = Engine.SQLITE.open(opener, directory);
        Set<Handle> handles = ConcurrentHashMap.newKeySet();
        Future<Object> first = hold();
        List<Future<Object>> queued = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            queued.add(queue(tx -> {
                handles.add(tx);
                return MDC.get("who");
            }));
        }
        gate.countDown();
        first.get(60, TimeUnit.SECONDS);
        for (int i = 0; i < 8; i++) {
            assertThat(queued.get(i).get(60, TimeUnit.SECONDS)).isEqualTo("caller " + (i + 1));
        }
        assertThat(handles).hasSize(1);
    }

    @Test
    void aCommitThatFailsFailsForAllAndTheNextGroupGoesOn() throws Exception {
        database = Engine.SQLITE.open(opener, directory);
        Future<Object> first = hold();
        Future<Object> orphan = queue(tx -> {
            tx.execute("PRAGMA defer_foreign_keys = ON");
            return tx.execute("INSERT INTO api_key (id, worker_id, kind, state, hash, created_at, ledger, rotation)"
                    + " VALUES ('k', 'nobody', 'worker', 'active', 'h', 1, 0, 0)");
        });
        gate.countDown();

        for (Future<Object> failed : List.of(first, orphan)) {
            assertThatThrownBy(() -> failed.get(60, TimeUnit.SECONDS)).hasCauseInstanceOf(TransactionException.class);
        }
        database.write(tx -> put(tx, "next"));
        assertThat(stored()).containsExactly("next");
    }

    @Test
    void anInterruptedCallerStillLearnsWhatBecameOfItsWrite() throws Exception {
        database = Engine.SQLITE.open(opener, directory);
        Future<Object> first = hold();
        AtomicReference<Thread> caller = new AtomicReference<>();
        Future<Boolean> queued = pool.submit(() -> {
            caller.set(Thread.currentThread());
            database.write(tx -> put(tx, "interrupted"));
            return Thread.interrupted();
        });
        await().atMost(PATIENCE)
                .until(() -> caller.get() != null && caller.get().getState() == Thread.State.TIMED_WAITING);
        caller.get().interrupt();
        gate.countDown();
        first.get(60, TimeUnit.SECONDS);
        assertThat(queued.get(60, TimeUnit.SECONDS)).isTrue();
        assertThat(stored()).containsExactly("first", "interrupted");
    }

    @Test
    void aWriteWithinAWriteIsRefusedAndDoesNotWaitForItself() {
        database = Engine.SQLITE.open(opener, directory);
        assertThatThrownBy(() -> database.write(tx -> database.<Object>write(inner -> put(inner, "inner"))))
                .isInstanceOf(IllegalStateException.class);
        database.write(tx -> put(tx, "next"));
        assertThat(stored()).containsExactly("next");
    }

    @ParameterizedTest
    @EnumSource
    void noneOfManyIsLost(Engine engine) throws Exception {
        database = engine.open(opener, directory);
        List<Future<?>> writers = new ArrayList<>();
        for (int w = 0; w < 16; w++) {
            String name = "w" + w + "-";
            writers.add(pool.submit(() -> {
                for (int i = 0; i < 25; i++) {
                    String each = name + i;
                    database.write(tx -> put(tx, each));
                }
            }));
        }
        for (Future<?> writer : writers) {
            writer.get(120, TimeUnit.SECONDS);
        }
        assertThat(stored()).hasSize(16 * 25);
    }
}
