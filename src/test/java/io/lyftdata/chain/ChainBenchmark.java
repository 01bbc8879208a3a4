package io.lyftdata.chain;

import io.lyftdata.api.Page;
import io.lyftdata.api.audit.Entry;
import io.lyftdata.api.audit.Verification;
import io.lyftdata.audit.Action;
import io.lyftdata.audit.Audit;
import io.lyftdata.audit.Checkpoints;
import io.lyftdata.audit.Event;
import io.lyftdata.crypto.SigningKey;
import io.lyftdata.db.Database;
import io.lyftdata.db.DatabaseOpener;
import io.lyftdata.db.Paging;
import jakarta.ws.rs.core.MultivaluedHashMap;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/** How long it takes to list and verify 1,000,000 records in SQLite. Takes a directory; the chain that
 * it makes there, in some minutes, stays for the next run. */
public final class ChainBenchmark {
    private static final int RECORDS = 1_000_000;
    private static final int ROUNDS = 21;

    private ChainBenchmark() {}

    public static void main(String[] arguments) throws Exception {
        Path file = Path.of(arguments.length > 0 ? arguments[0] : "target").resolve("chain-benchmark.db");
        boolean isThere = Files.exists(file);
        try (DatabaseOpener opener = new DatabaseOpener()) {
            Database database = opener.openSqlite(file);
            Audit audit = new Audit(database, ChainFixture.INSTALLATION, Clock.systemUTC());
            if (!isThere) {
                long start = System.nanoTime();
                ChainFixture.append(database, audit, RECORDS);
                System.out.printf("%,d records appended in %.1f s%n", RECORDS, seconds(start));
            }
            ChainReader reader = new ChainReader(database);
            list(
                    reader,
                    reader.newest(filter(""), new Paging(1, "")).items().get(0).time());
            verify(database, directory(file));
            durable(audit);
        }
    }

    private static Path directory(Path file) {
        return file.toAbsolutePath().getParent();
    }

    private static void verify(Database database, Path directory) throws IOException {
        SigningKey key = SigningKey.open(directory.resolve("signing.key"));
        Checkpoints checkpoints = new Checkpoints(database, ChainFixture.INSTALLATION, key);
        ChainVerifier verifier = new ChainVerifier(database, ChainFixture.INSTALLATION, checkpoints, 250_000);
        for (int round = 0; round < 3; round++) {
            long start = System.nanoTime();
            Verification found = verifier.verify(null);
            while (found.next() != null) {
                found = verifier.verify(found.next()).behind(found);
            }
            System.out.printf("%,d records verified in %.1f s, %s%n", found.last(), seconds(start), found.broken());
        }
    }

    private static void list(ChainReader reader, Instant grown) {
        Map<String, String> queries = new LinkedHashMap<>();
        queries.put("no filter", "");
        queries.put("actor of 1 in 20", "actor=user7");
        queries.put("action of 1 in 4", "action=session_begun");
        queries.put("outcome done", "outcome=done");
        queries.put("rare action", "action=user_removed");
        queries.put("rare actor", "actor=mallory");
        queries.put("rare subject", "subject=gone");
        queries.put("rare address", "address=" + ChainFixture.RARE_ADDRESS);
        queries.put("no such outcome", "outcome=locked_down");
        queries.put("since the end", "since=" + grown);
        queries.put("until the middle", "until=" + grown.minusSeconds(10));
        queries.put("rare action since the beginning", "action=user_removed&since=2020-01-01T00:00:00Z");
        queries.forEach((name, query) -> list(reader, name, query));
        measure("100 behind the last 100", () -> reader.behind(RECORDS - 100, filter("action=user_removed"), 100));
    }

    private static void list(ChainReader reader, String name, String query) {
        Page<Entry> page = measure(name, () -> reader.newest(filter(query), new Paging(100, "")));
        System.out.printf("    %d records%n", page.items().size());
    }

    private static <T> T measure(String name, java.util.function.Supplier<T> work) {
        long[] nanos = new long[ROUNDS];
        T result = null;
        for (int i = 0; i < ROUNDS; i++) {
            long start = System.nanoTime();
            result = work.get();
            nanos[i] = System.nanoTime() - start;
        }
        long first = nanos[0];
        Arrays.sort(nanos);
        System.out.printf(
                "%-32s first %6.1f ms, median %6.1f ms, most %6.1f ms%n",
                name, first / 1e6, nanos[ROUNDS / 2] / 1e6, nanos[ROUNDS - 1] / 1e6);
        return result;
    }

    private static void durable(Audit audit) {
        for (int round = 0; round < 3; round++) {
            long start = System.nanoTime();
            int count = 2_000;
            for (int i = 0; i < count; i++) {
                audit.record(
                        ChainFixture.caller("user" + i % 20, "198.51.100." + i % 200),
                        Event.of(Action.SESSION_BEGUN, "subject" + i % 5_000));
            }
            System.out.printf("%,.0f records a second, each in a transaction of its own%n", count / seconds(start));
        }
    }

    private static Filter filter(String query) {
        MultivaluedHashMap<String, String> parameters = new MultivaluedHashMap<>();
        Arrays.stream(query.split("&"))
                .filter(part -> !part.isEmpty())
                .map(part -> part.split("=", 2))
                .forEach(part -> parameters.putSingle(part[0], part[1]));
        return Filter.of(parameters);
    }

    private static double seconds(long start) {
        return (System.nanoTime() - start) / 1e9;
    }
}
