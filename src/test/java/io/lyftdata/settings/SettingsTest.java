package io.lyftdata.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lyftdata.api.Page;
import io.lyftdata.api.Refusal;
import io.lyftdata.api.Settings.Change;
import io.lyftdata.api.Settings.Entry;
import io.lyftdata.api.Settings.Reloaded;
import io.lyftdata.api.Settings.Revision;
import io.lyftdata.api.Settings.Value;
import io.lyftdata.audit.Audit;
import io.lyftdata.auth.Caller;
import io.lyftdata.config.BadSetting;
import io.lyftdata.config.Loaded;
import io.lyftdata.config.Secret;
import io.lyftdata.crypto.SigningKey;
import io.lyftdata.db.Database;
import io.lyftdata.db.DatabaseOpener;
import io.lyftdata.db.Paging;
import io.lyftdata.testing.Engine;
import io.lyftdata.testing.MovableClock;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class SettingsTest {
    /** A configuration in miniature. */
    public record Sample(List<String> whitelist, Integer days, Secret password, Secret databaseUrl) {}

    private static final String CANARY = "canary-7f0c2a";

    @TempDir
    Path directory;

    private final MovableClock clock = new MovableClock();
    private final DatabaseOpener opener = new DatabaseOpener();
    private Database database;
    private Settings settings;

    private void open(Engine engine) {
        database = engine.open(opener, directory);
        settings = new Settings(database, new Audit(database, "0123456789abcdef0123456789abcdef", clock), clock);
    }

    @AfterEach
    void close() throws Exception {
        opener.close();
    }

    private static Snapshot snapshot(List<String> whitelist, int days) {
        return new Snapshot(
                "/etc/lyftdata/config.yml",
                List.of(new Entry("whitelist", whitelist, "file"), new Entry("days", days, "default")));
    }

    private List<String> audited() {
        return database.read(tx -> tx.createQuery(
                        "SELECT action || ' ' || actor || ' ' || subject || ' ' || difference FROM audit ORDER BY position")
                .mapTo(String.class)
                .list());
    }

    @ParameterizedTest
    @EnumSource
    void aChangeMakesARevisionAndARestartWithoutOneDoesNot(Engine engine) {
        open(engine);
        settings.found(snapshot(List.of(), 30));
        settings.found(snapshot(List.of(), 30));
        clock.advance(Duration.ofDays(1));
        settings.found(snapshot(List.of("192.0.2.1"), 30));
        settings.found(snapshot(List.of("192.0.2.1"), 30));

        Revision now = settings.effective();
        assertThat(now.number()).isEqualTo(2);
        assertThat(now.time()).isEqualTo(clock.instant());
        assertThat(now.actor()).isEqualTo("server");
        assertThat(now.file()).isEqualTo("/etc/lyftdata/config.yml");
        assertThat(now.changes())
                .containsExactly(
                        new Change("whitelist", new Value(List.of(), "file"), new Value(List.of("192.0.2.1"), "file")));
        assertThat(now.settings()).isEqualTo(snapshot(List.of("192.0.2.1"), 30).entries());
        assertThat(audited())
                .containsExactly(
                        "SETTINGS_CHANGED server 1 {\"whitelist\":{\"after\":{\"value\":[],\"origin\":\"file\"}},"
                                + "\"days\":{\"after\":{\"value\":30,\"origin\":\"default\"}}}",
                        "SETTINGS_CHANGED server 2 {\"whitelist\":{\"before\":{\"value\":[],\"origin\":\"file\"},"
                                + "\"after\":{\"value\":[\"192.0.2.1\"],\"origin\":\"file\"}}}");
    }

    @ParameterizedTest
    @EnumSource
    void aRevisionThatCannotBeAuditedIsNotThere(Engine engine) {
        open(engine);
        database.write(tx -> tx.execute("DROP TABLE audit"));
        assertThatThrownBy(() -> settings.found(snapshot(List.of(), 30))).isNotNull();
        int revisions = database.read(tx -> tx.createQuery("SELECT COUNT(*) FROM settings_revision")
                .mapTo(Integer.class)
                .one());
        assertThat(revisions).isZero();
    }

    @ParameterizedTest
    @EnumSource
    void theHistoryIsReadNewestFirstPageByPage(Engine engine) {
        open(engine);
        for (int days = 1; days <= 5; days++) {
            settings.found(snapshot(List.of(), days));
        }
        List<Revision> all = new ArrayList<>();
        String cursor = null;
        do {
            Page<Revision> page = settings.history(Paging.of(2, cursor));
            assertThat(page.items()).hasSizeLessThanOrEqualTo(2);
            all.addAll(page.items());
            cursor = page.next();
        } while (cursor != null);
        assertThat(all).extracting(Revision::number).containsExactly(5L, 4L, 3L, 2L, 1L);
        assertThat(all.subList(0, 4)).allSatisfy(revision -> {
            long number = revision.number();
            assertThat(revision.settings()).isNull();
            assertThat(revision.changes())
                    .containsExactly(new Change(
                            "days", new Value((int) number - 1, "default"), new Value((int) number, "default")));
        });
        assertThat(all.get(4).changes()).extracting(Change::key).containsExactly("whitelist", "days");
        assertThat(settings.revision("3").settings())
                .isEqualTo(snapshot(List.of(), 3).entries());
        assertThatThrownBy(() -> settings.history(Paging.of(2, "eA"))).isInstanceOf(Refusal.class);
    }

    @ParameterizedTest
    @EnumSource
    void whoAsksForAnUnknownRevisionLearnsWhichThereAre(Engine engine) {
        open(engine);
        settings.found(snapshot(List.of(), 1));
        settings.found(snapshot(List.of(), 2));
        assertThatThrownBy(() -> settings.revision("3"))
                .isInstanceOf(Refusal.class)
                .hasMessage("there is no revision 3: they are numbered from 1 to 2; lyftdata settings history lists"
                        + " them");
        for (String number : List.of("0", "-1", "01", "x", "", "9".repeat(30))) {
            assertThatThrownBy(() -> settings.revision(number))
                    .isInstanceOf(Refusal.class)
                    .hasMessageStartingWith("there is no revision of that name: ");
        }
    }

    @ParameterizedTest
    @EnumSource
    void aReloadPutsInForceWhatItCanAndNamesTheRest(Engine engine) {
        open(engine);
        settings.found(snapshot(List.of(), 30));
        List<String> applied = new ArrayList<>();
        Candidate candidate = new Candidate(
                snapshot(List.of("192.0.2.1"), 7), snapshot(List.of("192.0.2.1"), 30), () -> applied.add("it"));
        Reloaded first = settings.reload(Caller.host(), () -> candidate);
        assertThat(first.revision()).isEqualTo(2);
        assertThat(first.changes()).extracting(Change::key).containsExactly("whitelist");
        assertThat(first.needsRestart()).containsExactly("days");
        assertThat(settings.effective().actor()).isEqualTo("host");
        assertThat(settings.effective().settings())
                .isEqualTo(snapshot(List.of("192.0.2.1"), 30).entries());

        Reloaded again = settings.reload(Caller.host(), () -> candidate);
        assertThat(again).isEqualTo(new Reloaded(2, first.file(), List.of(), List.of("days")));
        assertThat(applied).hasSize(2);
        assertThat(audited()).hasSize(2);
    }

    @ParameterizedTest
    @EnumSource
    void aReloadThatCannotBeReadOrAuditedChangesNothing(Engine engine) {
        open(engine);
        settings.found(snapshot(List.of(), 30));
        assertThatThrownBy(() -> settings.reload(Caller.host(), () -> {
                    throw new BadSetting("c.yml: whitelist: no");
                }))
                .isInstanceOf(Refusal.class)
                .hasMessage("nothing was changed: c.yml: whitelist: no");
        database.write(tx -> tx.execute("DROP TABLE audit"));
        List<String> applied = new ArrayList<>();
        Snapshot next = snapshot(List.of("192.0.2.1"), 30);
        assertThatThrownBy(() ->
                        settings.reload(Caller.host(), () -> new Candidate(next, next, () -> applied.add("it"))))
                .isNotNull();
        assertThat(applied).isEmpty();
        assertThat(settings.effective().number()).isEqualTo(1);
    }

    @Test
    void aSecretIsToldByItsFingerprintOnly() throws IOException {
        SigningKey key = SigningKey.open(directory.resolve("signing.key"));
        Snapshot first = secrets(key, CANARY, CANARY);
        assertThat(first.toString()).doesNotContain(CANARY);
        assertThat(first.entries().get(2).value().toString()).matches("hmac-sha256:[0-9a-f]{64}");
        assertThat(first.entries().get(3).value().toString())
                .matches("jdbc:postgresql://db/lyft hmac-sha256:[0-9a-f]{64}");
        assertThat(secrets(key, CANARY, CANARY)).isEqualTo(first);

        List<Change> changes = io.lyftdata.api.Settings.changes(
                first.entries(), secrets(key, CANARY + "2", CANARY + "2").entries());
        assertThat(changes).extracting(Change::key).containsExactly("password", "database-url");
        assertThat(changes.toString()).doesNotContain(CANARY);
        SigningKey other = SigningKey.open(directory.resolve("other.key"));
        assertThat(secrets(other, CANARY, CANARY)).isNotEqualTo(first);
    }

    private static Snapshot secrets(SigningKey key, String password, String databasePassword) {
        Sample sample = new Sample(
                List.of(),
                1,
                new Secret(password),
                new Secret("jdbc:postgresql://db/lyft?user=u&password=" + databasePassword));
        return Snapshot.of(new Loaded<>(sample, null, Map.of()), key);
    }
}
