package io.lyftdata.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.lyftdata.api.lockdown.Lockdown;
import io.lyftdata.api.lockdown.Lockdown.View;
import io.lyftdata.api.lockdown.Lockdown.Wish;
import io.lyftdata.client.ApiClient;
import io.lyftdata.client.ApiFailure;
import io.lyftdata.config.Secret;
import io.lyftdata.testing.DatabaseCopies;
import io.lyftdata.testing.Engine;
import io.lyftdata.testing.TestServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The lockdown is over when somebody ends it, and not by a restart, an old database, or one that takes no records. */
class LockdownKeptTest {
    private static final String RECORDS =
            "SELECT action || ' ' || outcome FROM audit WHERE action LIKE 'LOCKDOWN%'" + " ORDER BY position";
    private static final List<String> NAMED = List.of("10.0.0.5", "2001:db8::/64");

    @TempDir
    Path directory;

    private DatabaseCopies database;
    private String viewer;

    private TestServer start(String... more) throws IOException {
        Map<String, String> flags = new HashMap<>(database.flags());
        for (int i = 0; i < more.length; i += 2) {
            flags.put(more[i], more[i + 1]);
        }
        return TestServer.start(directory.resolve("staging"), flags);
    }

    private static View set(TestServer server, boolean on, List<String> from) {
        return server.admin().post(Lockdown.PATH, new Wish(on, from), View.class);
    }

    private static View view(TestServer server) {
        return server.admin().get(Lockdown.PATH, Map.of(), View.class);
    }

    private static String answer(Runnable call) {
        try {
            call.run();
            return "done";
        } catch (ApiFailure e) {
            return e.problem().orElseThrow().code();
        }
    }

    /** What a viewer is answered. */
    private String look(TestServer server) {
        ApiClient api = server.client().authorized("Bearer", new Secret(viewer));
        return answer(() -> api.get("/api/workers", Map.of(), Object.class));
    }

    @ParameterizedTest
    @EnumSource
    void neitherARestartNorAnOldDatabaseEndsOrBeginsIt(Engine engine) throws Exception {
        database = new DatabaseCopies(engine, directory.resolve("staging"));
        try (TestServer server = start()) {
            viewer = server.token("viewer");
        }
        String before = database.copy();
        View locked;
        try (TestServer server = start()) {
            locked = set(server, true, NAMED);
            assertThat(locked.from()).isEqualTo(NAMED);
            assertThat(set(server, true, NAMED)).as("again").isEqualTo(locked);
        }
        try (TestServer server = start()) {
            assertThat(view(server)).isEqualTo(locked);
            assertThat(look(server)).isEqualTo("locked_down");
            assertThat(database.query(RECORDS)).containsExactly("LOCKDOWN_BEGUN done");
        }
        database.back(before);
        try (TestServer server = start()) {
            assertThat(view(server)).isEqualTo(locked);
            assertThat(look(server)).isEqualTo("locked_down");
            assertThat(database.query(RECORDS)).containsExactly("LOCKDOWN_BEGUN replayed");
            assertThat(set(server, false, null)).isEqualTo(View.OFF);
            assertThat(look(server)).isEqualTo("done");
        }
    }

    @Test
    void anOldDatabaseDoesNotBeginItAgain() throws Exception {
        database = new DatabaseCopies(Engine.SQLITE, directory.resolve("staging"));
        try (TestServer server = start()) {
            viewer = server.token("viewer");
            set(server, true, NAMED);
        }
        String during = database.copy();
        try (TestServer server = start()) {
            set(server, false, null);
        }
        database.back(during);
        try (TestServer server = start()) {
            assertThat(look(server)).isEqualTo("done");
            assertThat(database.query(RECORDS)).containsExactly("LOCKDOWN_BEGUN done", "LOCKDOWN_ENDED replayed");
        }
    }

    @ParameterizedTest
    @EnumSource
    void itIsInForceWithoutItsRecordAndNotEndedWithoutOne(Engine engine) throws Exception {
        database = new DatabaseCopies(engine, directory.resolve("staging"));
        try (TestServer server = start()) {
            viewer = server.token("viewer");
            ApiClient admin = server.admin();
            database.refuseRecords();
            assertThat(answer(() -> admin.post(Lockdown.PATH, new Wish(true, NAMED), View.class)))
                    .isEqualTo("audit_pending");
            assertThat(look(server)).isEqualTo("locked_down");
            assertThat(answer(() -> admin.post(Lockdown.PATH, new Wish(true, List.of("10.0.0.6")), View.class)))
                    .as("lets others in")
                    .isEqualTo("unavailable");
            assertThat(answer(() -> admin.post(Lockdown.PATH, new Wish(false, null), View.class)))
                    .isEqualTo("unavailable");
            assertThat(look(server)).isEqualTo("locked_down");
            assertThat(admin.get(Lockdown.PATH, Map.of(), View.class).from()).isEqualTo(NAMED);
            database.takeRecords();
            await().atMost(Duration.ofSeconds(30))
                    .untilAsserted(
                            () -> assertThat(database.query(RECORDS)).containsExactly("LOCKDOWN_BEGUN replayed"));
            assertThat(set(server, true, List.of("10.0.0.6")).from()).containsExactly("10.0.0.6");
            set(server, false, null);
            assertThat(look(server)).isEqualTo("done");
        }
    }

    @Test
    void aLostLedgerDoesNotEndIt() throws Exception {
        database = new DatabaseCopies(Engine.SQLITE, directory.resolve("staging"));
        try (TestServer server = start()) {
            set(server, true, NAMED);
        }
        Files.delete(directory.resolve("staging/ledger"));
        try (TestServer server = start("accept-ledger-loss", "true")) {
            assertThat(view(server).on()).isTrue();
            assertThat(view(server).from()).isEqualTo(NAMED);
        }
    }
}
