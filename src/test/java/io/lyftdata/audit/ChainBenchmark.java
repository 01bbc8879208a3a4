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
import java.sql.SQLException;
import java.time.Clock;
import java.time.Instant;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.jdbi.v3.core.Handle;

/**
 * What the chain costs: a new worker and its key in one durable transaction; the same with a record that is no link of a
 * chain; and with one that is. Takes a directory and about a minute.
 */
public final class ChainBenchmark {
    private static final int ROUNDS = 9;
    private static final int WRITES = 1_000;
    private static final Caller ADMIN = new Caller(Caller.Kind.USER, "admin", Role.ADMIN, "", Origin.NONE);
    private static final Instant NOW = Instant.now();

    private static long position;

    private ChainBenchmark() {}

    private interface Recorder {
        void record(Handle tx, String subject, String worker) throws SQLException;
    }

    public static void main(String[] arguments) throws Exception {
        Path directory = Files.createTempDirectory(Path.of(arguments.length > 0 ? arguments[0] : "target"), "chain");
        DatabaseOpener opener = new DatabaseOpener();
        Database database = opener.openSqlite(directory.resolve("control.db"));
        Audit audit = new Audit(database, "0123456789abcdef0123456789abcdef", Clock.systemUTC());
        Map<String, Recorder> kinds = new LinkedHashMap<>();
        kinds.put("no record", (tx, subject, worker) -> {});
        kinds.put("unchained record", (tx, subject, worker) -> {
            position++;
            ChainStatements.insert(tx.getConnection(), unchained(subject, worker));
        });
        kinds.put("chained record", (tx, subject, worker) -> {
            position++;
            audit.record(tx, ADMIN, Event.of(Action.API_KEY_ISSUED, subject).set("worker", worker));
        });
        Map<String, double[]> micros = new LinkedHashMap<>();
        kinds.keySet().forEach(kind -> micros.put(kind, new double[ROUNDS]));
        for (int round = -2; round < ROUNDS; round++) {
            Map<String, Cost> costs = new LinkedHashMap<>();
            for (int part = 0; part < 10; part++) {
                for (var kind : kinds.entrySet()) {
                    costs.merge(kind.getKey(), cost(database, kind.getValue(), WRITES / 10), Cost::plus);
                }
            }
            System.out.println("round " + round);
            for (var cost : costs.entrySet()) {
                System.out.printf(
                        "  %-16s %6.0f writes/s, %4.0f us of CPU a write%n",
                        cost.getKey(),
                        WRITES / cost.getValue().seconds(),
                        cost.getValue().cpuSeconds() / WRITES * 1e6);
                if (round >= 0) {
                    micros.get(cost.getKey())[round] = cost.getValue().seconds() / WRITES * 1e6;
                }
            }
        }
        micros.values().forEach(Arrays::sort);
        micros.forEach((kind, sorted) -> System.out.printf("median %-16s %5.0f us%n", kind, sorted[ROUNDS / 2]));
        opener.close();
        delete(directory);
    }

    private static AuditRecord unchained(String subject, String worker) {
        String difference = "{\"worker\":{\"after\":\"" + worker + "\"}}";
        String zeros = "0".repeat(64);
        return new AuditRecord(
                position,
                "0123456789abcdef",
                NOW,
                "API_KEY_ISSUED",
                "user",
                "admin",
                "",
                "",
                "",
                "",
                subject,
                difference,
                "done",
                1,
                null,
                zeros,
                zeros);
    }

    private record Cost(double seconds, double cpuSeconds) {
        private Cost plus(Cost more) {
            return new Cost(seconds + more.seconds, cpuSeconds + more.cpuSeconds);
        }
    }

    private static Cost cost(Database database, Recorder recorder, int writes) {
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        long cpu = threads.getCurrentThreadCpuTime();
        long begin = System.nanoTime();
        for (int i = 0; i < writes; i++) {
            KeyString key = KeyString.generate(KeyString.Kind.WORKER);
            String worker = "worker-" + Randomness.hex(64);
            database.write(tx -> {
                add(tx, worker, key);
                try {
                    recorder.record(tx, key.id(), worker);
                } catch (SQLException e) {
                    throw new IllegalStateException(e);
                }
                return null;
            });
        }
        return new Cost((System.nanoTime() - begin) / 1e9, (threads.getCurrentThreadCpuTime() - cpu) / 1e9);
    }

    private static void add(Handle tx, String worker, KeyString key) {
        tx.execute("INSERT INTO worker (id, state, labels, created_at) VALUES (?, 'active', '{}', 0)", worker);
        tx.execute(
                "INSERT INTO api_key (id, worker_id, kind, state, hash, created_at, ledger, rotation)"
                        + " VALUES (?, ?, 'bootstrap', 'active', ?, 0, 0, 0)",
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
