package io.lyftdata.audit;

import io.lyftdata.auth.Caller;
import io.lyftdata.auth.Origin;
import io.lyftdata.auth.Role;
import io.lyftdata.crypto.KeyString;
import io.lyftdata.crypto.Randomness;
import io.lyftdata.db.Database;
import io.lyftdata.db.DatabaseOpener;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Arrays;
import java.util.stream.Stream;
import org.jdbi.v3.core.Handle;

/**
 * What the chain costs: a new worker and its key in one durable transaction, without a record and with one. Takes a
 * directory and about 30 s.
 */
public final class ChainBenchmark {
    private static final int ROUNDS = 9;
    private static final int WRITES = 1_000;
    private static final Caller ADMIN = new Caller(Caller.Kind.USER, "admin", Role.ADMIN, "", Origin.NONE);

    private ChainBenchmark() {}

    public static void main(String[] arguments) throws Exception {
        Path directory = Files.createTempDirectory(Path.of(arguments.length > 0 ? arguments[0] : "target"), "chain");
        DatabaseOpener opener = new DatabaseOpener();
        Database database = opener.openSqlite(directory.resolve("control.db"));
        Audit audit = new Audit(database, "0123456789abcdef0123456789abcdef", Clock.systemUTC());
        double[] ratios = new double[ROUNDS];
        for (int round = -2; round < ROUNDS; round++) {
            Cost bare = Cost.NONE;
            Cost chained = Cost.NONE;
            for (int part = 0; part < 10; part++) {
                bare = bare.plus(cost(database, null, WRITES / 10));
                chained = chained.plus(cost(database, audit, WRITES / 10));
            }
            System.out.printf(
                    "round %d: %.0f writes/s without, %.0f with: %.3f; CPU %.0f us without, %.0f us with%n",
                    round,
                    WRITES / bare.seconds(),
                    WRITES / chained.seconds(),
                    bare.seconds() / chained.seconds(),
                    bare.cpuSeconds() / WRITES * 1e6,
                    chained.cpuSeconds() / WRITES * 1e6);
            if (round >= 0) {
                ratios[round] = bare.seconds() / chained.seconds();
            }
        }
        Arrays.sort(ratios);
        System.out.printf("median: %.3f of the throughput without the chain%n", ratios[ROUNDS / 2]);
        opener.close();
        delete(directory);
    }

    private record Cost(double seconds, double cpuSeconds) {
        private static final Cost NONE = new Cost(0, 0);

        private Cost plus(Cost more) {
            return new Cost(seconds + more.seconds, cpuSeconds + more.cpuSeconds);
        }
    }

    private static Cost cost(Database database, Audit audit, int writes) {
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        long cpu = threads.getCurrentThreadCpuTime();
        long begin = System.nanoTime();
        for (int i = 0; i < writes; i++) {
            KeyString key = KeyString.generate(KeyString.Kind.WORKER);
            String worker = "worker-" + Randomness.hex(64);
            database.write(tx -> {
                add(tx, worker, key);
                if (audit != null) {
                    audit.record(
                            tx, ADMIN, Event.of(Action.API_KEY_ISSUED, key.id()).set("worker", worker));
                }
                return null;
            });
        }
        return new Cost((System.nanoTime() - begin) / 1e9, (threads.getCurrentThreadCpuTime() - cpu) / 1e9);
    }

    private static void add(Handle tx, String worker, KeyString key) {
        tx.execute("INSERT INTO worker (id, state, labels, created_at) VALUES (?, 'active', '{}', 0)", worker);
        tx.execute(
                "INSERT INTO api_key (id, worker_id, kind, state, hash, created_at, ledger)"
                        + " VALUES (?, ?, 'bootstrap', 'active', ?, 0, 0)",
                key.id(),
                worker,
                key.hash());
    }

    private static void delete(Path directory) throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            files.sorted((a, b) -> b.compareTo(a)).forEach(file -> file.toFile().delete());
        }
    }
}
