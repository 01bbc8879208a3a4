package io.lyftdata.settings;

import io.lyftdata.api.Code;
import io.lyftdata.api.Page;
import io.lyftdata.api.Refusal;
import io.lyftdata.api.Settings.Change;
import io.lyftdata.api.Settings.Entry;
import io.lyftdata.api.Settings.Reloaded;
import io.lyftdata.api.Settings.Revision;
import io.lyftdata.audit.Action;
import io.lyftdata.audit.Audit;
import io.lyftdata.audit.Event;
import io.lyftdata.auth.Caller;
import io.lyftdata.config.BadSetting;
import io.lyftdata.db.Database;
import io.lyftdata.db.Paging;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What is in force, and what was: no setting takes effect without a revision and its audit record. Safe for use by many
 * threads.
 */
public final class Settings {
    private static final Logger LOG = LoggerFactory.getLogger(Settings.class);
    private static final long NEWEST = Long.MAX_VALUE;

    private final Database database;
    private final Audit audit;
    private final Clock clock;

    public Settings(Database database, Audit audit, Clock clock) {
        this.database = database;
        this.audit = audit;
        this.clock = clock;
    }

    /** Records what a start has found, when it differs from the newest revision. */
    public void found(Snapshot now) {
        String newest = "SELECT 1 FROM settings_revision WHERE settings = ?"
                + " AND number = (SELECT MAX(number) FROM settings_revision)";
        if (!database.finds(newest, RevisionRow.json(now.entries()))) {
            Revision revision = put(Caller.server(), now);
            LOG.info(
                    "settings revision {}: {}",
                    revision.number(),
                    revision.number() == 1 ? "the first" : keys(revision));
        }
    }

    /** Records that the server serves, by which program and settings. */
    public void started() {
        audit.record(
                Caller.server(),
                Event.of(Action.SERVER_STARTED, "")
                        .set(
                                "version",
                                Optional.ofNullable(Settings.class.getPackage().getImplementationVersion())
                                        .orElse("unknown"))
                        .set("java", Runtime.version().toString())
                        .set("revision", effective().number()));
    }

    /** Records that the server stopped by itself; one that was killed leaves no such record. */
    public void stopped() {
        audit.record(Caller.server(), Event.of(Action.SERVER_STOPPED, ""));
    }

    /**
     * Puts in force what can change without a restart: all of it, or nothing.
     *
     * @param source reads and checks the settings anew
     * @throws Refusal {@code unprocessable} when one of them cannot be used
     */
    public synchronized Reloaded reload(Caller caller, Supplier<Candidate> source) {
        Candidate candidate = read(source);
        Snapshot now = candidate.effective();
        Revision revision = put(caller, now);
        candidate.apply().run();
        List<String> waiting = candidate.needsRestart();
        LOG.info("settings reloaded by {}: changed {}, waiting for a restart {}", caller.id(), keys(revision), waiting);
        return new Reloaded(revision.number(), now.file(), revision.changes(), waiting);
    }

    private static Candidate read(Supplier<Candidate> source) {
        try {
            return source.get();
        } catch (BadSetting e) {
            throw new Refusal(Code.UNPROCESSABLE, "nothing was changed: " + e.getMessage());
        }
    }

    /** The revision that is now the newest; without changes when it was so before. */
    private Revision put(Caller caller, Snapshot now) {
        return database.write(tx -> {
            SettingsDao dao = tx.attach(SettingsDao.class);
            Optional<RevisionRow> last = dao.upTo(NEWEST, 1).stream().findFirst();
            List<Entry> before = last.map(RevisionRow::entries).orElse(List.of());
            if (before.equals(now.entries())) {
                return last.orElseThrow().since(before);
            }
            long number = last.map(RevisionRow::number).orElse(0L) + 1;
            RevisionRow row =
                    new RevisionRow(number, clock.instant(), caller.id(), now.file(), RevisionRow.json(now.entries()));
            dao.insert(row);
            Revision revision = row.since(before);
            audit.record(tx, caller, event(revision));
            return revision;
        });
    }

    private static Event event(Revision revision) {
        Event event = Event.of(Action.SETTINGS_CHANGED, Long.toString(revision.number()));
        for (Change change : revision.changes()) {
            event = event.change(change.key(), change.before(), change.after());
        }
        return event;
    }

    private static List<String> keys(Revision revision) {
        return revision.changes().stream().map(Change::key).toList();
    }

    /** Since when the list under the key has held the item without a gap; empty when it does not. */
    public Optional<Instant> since(String key, String item) {
        Optional<Instant> since = Optional.empty();
        for (RevisionRow row : upTo(NEWEST, Integer.MAX_VALUE)) {
            boolean isListed = row.entries().stream()
                    .anyMatch(entry ->
                            entry.key().equals(key) && entry.value() instanceof List<?> list && list.contains(item));
            if (!isListed) {
                return since;
            }
            since = Optional.of(row.time());
        }
        return since;
    }

    /** What is in force. */
    public Revision effective() {
        return whole(upTo(NEWEST, 2));
    }

    public Revision revision(String number) {
        long wanted = number.matches("[1-9][0-9]{0,17}") ? Long.parseLong(number) : 0;
        List<RevisionRow> found = upTo(wanted, 2);
        if (found.isEmpty() || found.get(0).number() != wanted) {
            throw new Refusal(
                    Code.NOT_FOUND,
                    "there is no revision " + (wanted > 0 ? wanted : "of that name") + ": they are numbered from 1 to "
                            + upTo(NEWEST, 1).get(0).number() + "; lyftdata settings history lists them");
        }
        return whole(found);
    }

    /** Newest first. */
    public Page<Revision> history(Paging paging) {
        List<RevisionRow> found = upTo(before(paging.after()), paging.limit() + 1);
        List<Revision> revisions = IntStream.range(0, found.size())
                .mapToObj(i -> found.get(i).since(predecessor(found, i)))
                .toList();
        return paging.page(revisions, revision -> Long.toString(revision.number()));
    }

    private static long before(String cursor) {
        if (cursor.isEmpty()) {
            return NEWEST;
        }
        if (!cursor.matches("[0-9]{1,18}")) {
            throw new Refusal(Code.UNPROCESSABLE, "cursor must be the next of an earlier page");
        }
        return Long.parseLong(cursor) - 1;
    }

    private List<RevisionRow> upTo(long number, int limit) {
        return database.read(tx -> tx.attach(SettingsDao.class).upTo(number, limit));
    }

    private static Revision whole(List<RevisionRow> found) {
        return found.get(0).whole(predecessor(found, 0));
    }

    private static List<Entry> predecessor(List<RevisionRow> found, int i) {
        return i + 1 < found.size() ? found.get(i + 1).entries() : List.of();
    }
}
