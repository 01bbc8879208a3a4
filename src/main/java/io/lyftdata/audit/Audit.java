package io.lyftdata.audit;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import inet.ipaddr.IPAddress;
import io.lyftdata.api.Code;
import io.lyftdata.api.Refusal;
import io.lyftdata.auth.Caller;
import io.lyftdata.crypto.Randomness;
import io.lyftdata.db.Database;
import io.lyftdata.http.Json;
import io.lyftdata.http.RequestId;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.slf4j.MDC;

/**
 * Writes the chain: a record is in the transaction of the change it tells of, so there is neither without the other.
 * Safe for use by many threads, since the database has one writer at a time.
 */
public final class Audit {
    private static final ObjectMapper JSON = Json.configure(new ObjectMapper());
    private static final String NOTICED = "audit-noticed:";
    private static final String PROBE = "probe";
    private static final int SEGMENT_BITS = 64;
    private static final Duration RETRY = Duration.ofSeconds(5);

    private final Database database;
    private final String installation;
    private final Clock clock;

    public Audit(Database database, String installation, Clock clock) {
        this.database = database;
        this.installation = installation;
        this.clock = clock;
    }

    /** Appends within the caller's transaction. */
    public void record(Handle tx, Caller caller, Event event) {
        append(tx, caller, event, null);
    }

    /** For what no other change goes with. */
    public void record(Caller caller, Event event) {
        database.write(tx -> {
            record(tx, caller, event);
            return null;
        });
    }

    /**
     * Records what the server finds at its start, when it differs from what was recorded last.
     *
     * @param name of what is found, such as {@code certificate}
     */
    public void notice(Action action, String name, String value) {
        if (database.finds("SELECT 1 FROM installation_fact WHERE name = ? AND value = ?", NOTICED + name, value)) {
            return;
        }
        database.write(tx -> {
            String before = tx.attach(AuditDao.class).noticed(NOTICED + name).orElse(null);
            notice(tx, Caller.server(), Event.of(action, value).change(name, before, value), name, value);
            return null;
        });
    }

    /** Records a change of what {@link #notice(Action, String, String)} finds, so that the next start finds no other. */
    public void notice(Handle tx, Caller caller, Event event, String name, String value) {
        tx.attach(AuditDao.class).notice(NOTICED + name, value);
        record(tx, caller, event);
    }

    /** Goes on under another segment's name, so that no lost head is taken for one of what follows. */
    public void beginSegment(Handle tx, Caller caller) {
        Head before = head(tx);
        Head begun = new Head(newSegment(), before.position(), before.hash());
        Event event = Event.of(Action.SEGMENT_BEGUN, begun.segment());
        append(tx, caller, event.change("segment", before.segment(), begun.segment()), null, begun);
    }

    /** The same with the ledger's entry that belongs to it; null for none. */
    void append(Handle tx, Caller caller, Event event, Long ledger) {
        append(tx, caller, event, ledger, head(tx));
    }

    private void append(Handle tx, Caller caller, Event event, Long ledger, Head head) {
        try {
            ChainStatements.insert(
                    tx.getConnection(), link(head, caller, event, ledger).sealed());
        } catch (SQLException e) {
            throw unwritable(e);
        }
    }

    private Head head(Handle tx) {
        try {
            return ChainStatements.head(tx.getConnection()).orElseGet(this::genesis);
        } catch (SQLException e) {
            throw unwritable(e);
        }
    }

    private static Refusal unwritable(SQLException cause) {
        return new Refusal(
                        Code.UNAVAILABLE,
                        "the audit log cannot be written, so nothing is changed; the admin connector's /healthcheck"
                                + " says more")
                .retryAfter(RETRY)
                .because(cause);
    }

    private AuditRecord link(Head head, Caller caller, Event event, Long ledger) {
        String address = caller.origin().address().isPresent() ? caller.origin().text() : "";
        String proxy = caller.origin().proxy().map(IPAddress::toCanonicalString).orElse("");
        return new AuditRecord(
                head.position() + 1,
                head.segment(),
                clock.instant(),
                event.action().name(),
                caller.kind().name().toLowerCase(Locale.ROOT),
                caller.id(),
                caller.keyId(),
                address,
                proxy,
                Optional.ofNullable(MDC.get(RequestId.KEY)).orElse(""),
                event.subject(),
                json(event.difference()),
                event.outcome(),
                event.count(),
                ledger,
                head.hash(),
                "");
    }

    /** Of the newest record; 0 when there is none. */
    public long position() {
        return database.read(tx -> tx.attach(AuditDao.class).head())
                .map(Head::position)
                .orElse(0L);
    }

    /** Writes a record and takes it back; throws when that is not possible. */
    void probe() {
        database.write(tx -> {
            tx.savepoint(PROBE);
            record(tx, Caller.server(), Event.of(Action.SERVER_STARTED, PROBE));
            tx.rollbackToSavepoint(PROBE);
            return null;
        });
    }

    /** What the first record of a new database stands on. */
    private Head genesis() {
        return Head.genesis(installation, newSegment());
    }

    private static String newSegment() {
        return Randomness.hex(SEGMENT_BITS);
    }

    private static String json(Map<String, Event.Change> difference) {
        try {
            return JSON.writeValueAsString(difference);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a difference does not turn into JSON", e);
        }
    }
}
