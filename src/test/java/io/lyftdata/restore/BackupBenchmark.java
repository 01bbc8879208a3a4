package io.lyftdata.restore;

import io.lyftdata.Main;
import io.lyftdata.api.backup.Backups;
import io.lyftdata.audit.Action;
import io.lyftdata.audit.Audit;
import io.lyftdata.audit.Event;
import io.lyftdata.auth.Caller;
import io.lyftdata.client.ApiClient;
import io.lyftdata.crypto.Digests;
import io.lyftdata.crypto.SecretFile;
import io.lyftdata.crypto.SigningKey;
import io.lyftdata.db.Database;
import io.lyftdata.db.DatabaseOpener;
import io.lyftdata.simulator.Wrk;
import io.lyftdata.testing.AgeKeys;
import io.lyftdata.testing.TestServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A backup of 100,000 workers and 1,000,000 audit records against {@code sqlite3 .backup} and {@code age}, and the way
 * from such a file to a server that serves. Takes a directory; the database that it makes there, in some minutes, stays
 * for the next run. With the word create behind it nothing is restored; with the word requests it tells instead how many
 * requests are answered while backups are made, and while none is, in turns.
 */
public final class BackupBenchmark {
    private static final int WORKERS = 100_000;
    private static final int RECORDS = 1_000_000;
    private static final int TRANSACTION = 5_000;
    private static final int ROUNDS = 5;
    private static final String READS = "wrk.path = '/api/workers/worker-77'";
    /** Each leaves a token and an audit record, on disk before the answer. */
    private static final String WRITES = """
            wrk.method = 'POST'
            wrk.path = '/api/tokens'
            wrk.body = '{"name":"t","role":"viewer","expiresInSeconds":3600,"sources":[]}'
            wrk.headers['Content-Type'] = 'application/json'
            """;

    private final Path directory;
    private final Path staging;
    private final AgeKeys age = AgeKeys.generate();

    private BackupBenchmark(Path directory) {
        this.directory = directory;
        this.staging = directory.resolve("staging");
    }

    public static void main(String[] arguments) throws Exception {
        BackupBenchmark benchmark = new BackupBenchmark(
                Path.of(arguments.length > 0 ? arguments[0] : "target").toAbsolutePath());
        benchmark.fill();
        if (arguments.length > 1 && arguments[1].equals("requests")) {
            benchmark.requests();
            return;
        }
        Path made = benchmark.create();
        if (arguments.length < 2) {
            benchmark.restore(made);
        } else {
            Files.delete(made);
        }
    }

    private TestServer start() throws IOException {
        return TestServer.startWith(staging, "backup: {recipients: [" + age.recipient() + "]}");
    }

    private void fill() throws Exception {
        if (Files.exists(staging.resolve("control.db"))) {
            return;
        }
        start().close();
        String installation = Files.readString(staging.resolve("installation")).strip();
        long begin = System.nanoTime();
        try (DatabaseOpener opener = new DatabaseOpener()) {
            Database database = opener.openSqlite(staging.resolve("control.db"));
            Audit audit = new Audit(database, installation, Clock.systemUTC());
            for (int from = 0; from < RECORDS; from += TRANSACTION) {
                int first = from;
                database.write(tx -> {
                    for (int i = first; i < first + TRANSACTION; i++) {
                        if (i < WORKERS) {
                            tx.execute(
                                    "INSERT INTO worker (id, state, labels, created_at) VALUES (?, 'active', '{}', 1)",
                                    "worker-" + i);
                            tx.execute(
                                    "INSERT INTO api_key (id, worker_id, kind, state, hash, created_at, ledger, rotation)"
                                            + " VALUES (?, ?, 'worker', 'active', ?, 1, 0, 0)",
                                    "key-" + i,
                                    "worker-" + i,
                                    Digests.sha256Hex("key-" + i));
                        }
                        Event event = Event.of(Action.WORKER_ADMITTED, "worker-" + i % WORKERS);
                        audit.record(tx, Caller.host(), event.set("labels", "zone=a,rack=" + i));
                    }
                    return null;
                });
            }
        }
        System.out.printf("filled in %.1f s%n", seconds(begin));
    }

    private Path create() throws Exception {
        Path made = null;
        Path peer = directory.resolve("peer.db");
        try (TestServer server = start()) {
            ApiClient admin = server.admin();
            System.out.printf("control.db has %,d bytes%n", Files.size(staging.resolve("control.db")));
            for (int round = 0; round < ROUNDS; round++) {
                Files.deleteIfExists(peer);
                long begin = System.nanoTime();
                run(
                        "sh",
                        "-c",
                        "sqlite3 " + staging.resolve("control.db") + " '.backup " + peer + "' && age -r "
                                + age.recipient() + " -o " + peer + ".age " + peer + " && sync " + peer + ".age");
                double theirs = seconds(begin);
                begin = System.nanoTime();
                Path file = make(admin);
                double ours = seconds(begin);
                System.out.printf("sqlite3 and age %.2f s, create %.2f s, ratio %.2f%n", theirs, ours, ours / theirs);
                if (made != null) {
                    Files.delete(made);
                }
                made = file;
            }
        }
        Files.delete(peer);
        return made;
    }

    private Path make(ApiClient admin) throws InterruptedException {
        Backups.Run run = admin.post(Backups.PATH, null, Backups.Run.class);
        while (run.state().equals("running")) {
            TimeUnit.MILLISECONDS.sleep(50);
            run = admin.get(Backups.RUN_PATH, Map.of(), Backups.Run.class);
        }
        return staging.resolve("backups").resolve(run.backup().name());
    }

    /** Those of 32 connections that call as fast as they are answered; the backups follow each other without a pause. */
    private void requests() throws Exception {
        try (TestServer server = start()) {
            ApiClient admin = server.admin();
            Wrk wrk = new Wrk(server.url().toString(), directory.resolve("requests.lua"));
            String header = "wrk.headers['Authorization'] = 'Bearer " + server.token("admin") + "'\n";
            for (String lua : List.of(READS, WRITES)) {
                System.out.println(lua);
                requests(wrk, header + lua, admin);
            }
        }
    }

    private void requests(Wrk wrk, String lua, ApiClient admin) throws IOException, InterruptedException {
        wrk.run(lua, 20);
        for (int round = 0; round < ROUNDS; round++) {
            double alone = wrk.run(lua, 8).rate();
            AtomicBoolean isOver = new AtomicBoolean();
            CompletableFuture<Integer> backups = CompletableFuture.supplyAsync(() -> make(admin, isOver));
            double meanwhile = wrk.run(lua, 8).rate();
            isOver.set(true);
            System.out.printf(
                    "%,.0f requests/s, during %d backups %,.0f, ratio %.2f%n",
                    alone, backups.join(), meanwhile, meanwhile / alone);
        }
    }

    private int make(ApiClient admin, AtomicBoolean isOver) {
        int made = 0;
        try {
            for (; !isOver.get(); made++) {
                Files.delete(make(admin));
            }
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
        return made;
    }

    private void restore(Path file) throws Exception {
        Path identity = directory.resolve("identity");
        SecretFile.write(identity, age.identity());
        String signer = SigningKey.open(staging.resolve("signing.key")).fingerprint();
        Path target = directory.resolve("restored");
        for (int round = 0; round < 2; round++) {
            SecretFile.deleteTree(target);
            long begin = System.nanoTime();
            run(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-cp",
                    System.getProperty("java.class.path"),
                    Main.class.getName(),
                    "backup",
                    "restore",
                    file.toString(),
                    "--staging-dir",
                    target.toString(),
                    "--identity",
                    identity.toString(),
                    "--signer",
                    signer,
                    "--yes");
            double restored = seconds(begin);
            try (TestServer server = TestServer.spawn(target, directory.resolve("console"), Map.of())) {
                System.out.printf(
                        "restored in %.1f s, serving at %s after %.1f s%n", restored, server.url(), seconds(begin));
            }
        }
        SecretFile.deleteTree(target);
        Files.delete(file);
        Files.delete(identity);
    }

    private static void run(String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(List.of(command))
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.INHERIT)
                .start();
        if (process.waitFor() != 0) {
            throw new IOException("failed: " + command[0]);
        }
    }

    private static double seconds(long since) {
        return (System.nanoTime() - since) / 1e9;
    }
}
