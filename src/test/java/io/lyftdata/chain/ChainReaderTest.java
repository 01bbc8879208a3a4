package io.lyftdata.chain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lyftdata.api.Page;
import io.lyftdata.api.Refusal;
import io.lyftdata.api.audit.Entry;
import io.lyftdata.audit.Action;
import io.lyftdata.audit.Audit;
import io.lyftdata.audit.Event;
import io.lyftdata.db.Database;
import io.lyftdata.db.DatabaseOpener;
import io.lyftdata.db.Paging;
import io.lyftdata.testing.Engine;
import io.lyftdata.testing.MovableClock;
import jakarta.ws.rs.core.MultivaluedHashMap;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class ChainReaderTest {
    @TempDir
    Path directory;

    private final MovableClock clock = new MovableClock();
    private final DatabaseOpener opener = new DatabaseOpener();
    private Database database;
    private Audit audit;
    private ChainReader reader;

    private void open(Engine engine) {
        database = engine.open(opener, directory);
        audit = new Audit(database, ChainFixture.INSTALLATION, clock);
        reader = new ChainReader(database);
    }

    @AfterEach
    void close() throws SQLException {
        opener.close();
    }

    /** From a query string; values need no escaping here. */
    static Filter filter(String query) {
        MultivaluedHashMap<String, String> parameters = new MultivaluedHashMap<>();
        for (String part : query.isEmpty() ? new String[0] : query.split("&")) {
            parameters.add(part.substring(0, part.indexOf('=')), part.substring(part.indexOf('=') + 1));
        }
        return Filter.of(parameters);
    }

    private void record(String actor, String address, Event event) {
        audit.record(ChainFixture.caller(actor, address), event);
        clock.advance(Duration.ofMinutes(1));
    }

    /** Positions 1 to 5, a minute between each. */
    private void five() {
        record("ann", "192.0.2.1", Event.of(Action.USER_ADDED, "bob").set("role", "viewer"));
        record("ann", "2001:db8::1", Event.of(Action.USER_REMOVED, "bob"));
        record("bob", "192.0.2.1", Event.of(Action.TOKEN_ISSUED, "t1"));
        record("bob", "192.0.2.2", new Event(Action.REFUSED, "/api/users", java.util.Map.of(), "role_missing", 7));
        record("ann", "192.0.2.1", Event.of(Action.USER_ADDED, "eve"));
    }

    private static List<Long> positions(Page<Entry> page) {
        return page.items().stream().map(Entry::position).toList();
    }

    private List<Long> newest(String query) {
        return positions(reader.newest(filter(query), new Paging(100, "")));
    }

    @ParameterizedTest
    @EnumSource
    void findsByEachFilterAndByAllTogether(Engine engine) {
        open(engine);
        String beginning = io.lyftdata.api.Times.format(clock.instant());
        five();
        String end = io.lyftdata.api.Times.format(clock.instant().minus(Duration.ofMinutes(1)));

        assertThat(newest("")).containsExactly(5L, 4L, 3L, 2L, 1L);
        assertThat(newest("action=user_added")).containsExactly(5L, 1L);
        assertThat(newest("actor=bob")).containsExactly(4L, 3L);
        assertThat(newest("subject=bob")).containsExactly(2L, 1L);
        assertThat(newest("address=2001:db8:0:0::1")).containsExactly(2L);
        assertThat(newest("outcome=role_missing")).containsExactly(4L);
        assertThat(newest("outcome=done")).containsExactly(5L, 3L, 2L, 1L);
        assertThat(newest("since=" + end)).containsExactly(5L);
        assertThat(newest("until=" + end)).containsExactly(4L, 3L, 2L, 1L);
        assertThat(newest("actor=ann&action=USER_ADDED&address=192.0.2.1&subject=bob&outcome=done&since=" + beginning
                        + "&until=" + end))
                .containsExactly(1L);
        assertThat(newest("actor=nobody")).isEmpty();
        assertThat(newest("actor=' OR 1=1 --")).isEmpty();
        assertThat(newest("since=+999999999-12-31T23:59:59Z")).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void pagesNeitherRepeatNorSkipWhenTheClockStandsOrGoesBack(Engine engine) {
        open(engine);
        for (int i = 0; i < 30; i++) {
            audit.record(ChainFixture.caller("ann", "192.0.2.1"), Event.of(Action.USER_ADDED, "u" + i));
            if (i % 10 == 9) {
                clock.advance(Duration.ofMinutes(i == 9 ? -5 : 5));
            }
        }
        List<Long> seen = new ArrayList<>();
        String cursor = null;
        do {
            Page<Entry> page = reader.newest(filter("actor=ann"), Paging.of(7, cursor));
            seen.addAll(positions(page));
            cursor = page.next();
        } while (cursor != null);
        assertThat(seen)
                .containsExactlyInAnyOrderElementsOf(
                        LongStream.rangeClosed(1, 30).boxed().toList());
        assertThat(seen.subList(seen.size() - 10, seen.size()))
                .as("those that were written after the clock went back are the oldest by time")
                .containsExactly(20L, 19L, 18L, 17L, 16L, 15L, 14L, 13L, 12L, 11L);
    }

    @ParameterizedTest
    @EnumSource
    void goesForwardOverRecordsThatDoNotMatch(Engine engine) {
        open(engine);
        five();
        Filter added = filter("action=user_added");
        Page<Entry> first = reader.behind(1, added, 3);
        assertThat(first.items()).isEmpty();
        assertThat(first.next()).isEqualTo("4");
        Page<Entry> second = reader.behind(4, added, 3);
        assertThat(positions(second)).containsExactly(5L);
        assertThat(second.next()).isEqualTo("5");
        assertThat(reader.behind(5, added, 3)).isEqualTo(new Page<>(List.of(), null));
        assertThat(reader.behind(Long.MAX_VALUE, added, 3).next()).isNull();
    }

    @ParameterizedTest
    @EnumSource
    void showsARecordWhoseDifferenceSomebodyDamaged(Engine engine) {
        open(engine);
        five();
        database.write(tx -> tx.execute("UPDATE audit SET difference = '{' WHERE position = 5"));
        Entry damaged = reader.newest(filter(""), new Paging(1, "")).items().get(0);
        assertThat(damaged.difference()).containsKey("unreadable");
        assertThat(damaged.position()).isEqualTo(5);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "action=user_aded    | did you mean USER_ADDED?",
                "action=token        | did you mean TOKEN_ISSUED, TOKEN_REVOKED, TOKENS_REVOKED?",
                "action=             | SERVER_STARTED",
                "action=zzzzzzzz     | they are SERVER_STARTED",
                "address=10.1        | one IPv4 or IPv6 address",
                "since=yesterday     | must be a time",
                "actr=ann            | takes action, actor,",
                "actor=a&actor=b     | twice",
            })
    void refusesWithASentence(String query, String sentence) {
        assertThatThrownBy(() -> filter(query)).isInstanceOf(Refusal.class).hasMessageContaining(sentence);
    }

    @ParameterizedTest
    @ValueSource(strings = {"x", "MQ", "MSwgMg; --", "LTEsIC0x"})
    void refusesACursorThatIsNone(String cursor) {
        open(Engine.SQLITE);
        assertThatThrownBy(() -> reader.newest(filter(""), Paging.of(1, cursor)))
                .isInstanceOf(Refusal.class)
                .hasMessageContaining("cursor");
    }

    /** Without its index, each of these looks through the whole log. */
    @Test
    void sqliteFindsTheNewestByAnIndexAndSortsNothing() {
        open(Engine.SQLITE);
        for (String query : List.of(
                "",
                "action=user_added",
                "actor=ann",
                "subject=bob",
                "address=192.0.2.1",
                "outcome=role_missing",
                "outcome=done",
                "since=2026-01-01T00:00:00Z",
                "actor=ann&since=2026-01-01T00:00:00Z",
                "action=user_added&outcome=role_missing&until=2026-01-01T00:00:00Z")) {
            Filter filter = filter(query);
            for (String cursor : List.of("", " AND (time, position) < (1, 1)")) {
                List<String> plan = database.read(tx -> tx.createQuery("EXPLAIN QUERY PLAN SELECT * FROM audit WHERE "
                                + filter.where() + cursor + " ORDER BY time DESC, position DESC LIMIT :limit")
                        .bind("limit", 100)
                        .bindMethods(filter)
                        .map((row, context) -> row.getString("detail"))
                        .list());
                assertThat(plan).as(query + cursor).allMatch(step -> step.contains("USING INDEX audit_by_"));
            }
        }
    }
}
