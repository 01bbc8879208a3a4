package io.lyftdata.server;

import io.lyftdata.client.ApiClient;
import io.lyftdata.testing.TestServer;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** How long an operator waits where 100,000 workers are on record, none of them connected. */
public final class RecordsBenchmark {
    private static final int WORKERS = 100_000;
    private static final int ROUNDS = 5;

    private RecordsBenchmark() {}

    /** What is timed. */
    private interface Action {
        void run() throws IOException;
    }

    public static void main(String[] arguments) throws Exception {
        Path directory = Files.createTempDirectory("records-benchmark");
        try (TestServer server = TestServer.start(directory.resolve("staging"), Map.of())) {
            PostureBenchmark.plant(server.staging().resolve("control.db"), WORKERS);
        }
        long begun = System.nanoTime();
        try (TestServer server = TestServer.start(directory.resolve("staging"), Map.of())) {
            System.out.printf("start: %.0f ms%n", (System.nanoTime() - begun) / 1e6);
            ApiClient admin = server.admin();
            time("the first 100 workers", () -> admin.get("/api/workers", Map.of(), Map.class));
            time("all workers, 1,000 at a time", () -> all(admin));
            time("the fleet's exposition", () -> drain(admin.stream("/api/workers/metrics", Map.of())));
            time("the server's own metrics", () -> drain(admin.stream("/metrics", Map.of())));
            time("an order to rotate every key", () -> admin.post("/api/rotation", Map.of("all", true), Map.class));
            time("how far it has come", () -> admin.get("/api/rotation", Map.of(), Map.class));
        }
    }

    private static void time(String what, Action action) throws IOException {
        long[] nanos = new long[ROUNDS];
        for (int i = 0; i < ROUNDS; i++) {
            long begun = System.nanoTime();
            action.run();
            nanos[i] = System.nanoTime() - begun;
        }
        long first = nanos[0];
        Arrays.sort(nanos);
        System.out.printf("%s: first %.0f ms, median %.0f ms%n", what, first / 1e6, nanos[ROUNDS / 2] / 1e6);
    }

    private static void all(ApiClient admin) {
        Object next = "";
        int workers = 0;
        while (next != null) {
            Map<String, String> query =
                    next.equals("") ? Map.of("limit", "1000") : Map.of("limit", "1000", "cursor", next.toString());
            Map<?, ?> page = admin.get("/api/workers", query, Map.class);
            workers += ((List<?>) page.get("items")).size();
            next = page.get("next");
        }
        if (workers < WORKERS) {
            throw new IllegalStateException("only " + workers + " workers are listed");
        }
    }

    private static void drain(InputStream in) throws IOException {
        try (in) {
            in.transferTo(OutputStream.nullOutputStream());
        }
    }
}
