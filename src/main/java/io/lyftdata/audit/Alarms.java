package io.lyftdata.audit;

import io.lyftdata.api.AuditHead;
import io.lyftdata.api.Code;
import io.lyftdata.api.Refusal;
import io.lyftdata.audit.AlarmDao.Alarm;
import io.lyftdata.auth.Caller;
import io.lyftdata.crypto.SigningKey;
import io.lyftdata.db.Database;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the chain is known to have lost: one alarm a segment, which stays until a person acknowledges it. Safe for use by
 * many threads.
 */
public final class Alarms {
    private static final Logger LOG = LoggerFactory.getLogger(Alarms.class);
    private static final int LONGEST_REASON = 500;

    private final Database database;
    private final Audit audit;
    private final SigningKey key;

    public Alarms(Database database, Audit audit, SigningKey key) {
        this.database = database;
        this.audit = audit;
        this.key = key;
    }

    /**
     * Raises the alarm, durably and with a record, unless as much of that segment is known to be lost.
     *
     * @param head that the chain does not hold
     */
    void raise(Caller worker, AuditHead head) {
        if (!database.read(tx -> isKnown(tx, head)) && database.write(tx -> raise(tx, worker, head))) {
            LOG.error(
                    "the audit log was rolled back, or restored elsewhere: worker {} has seen position {} of segment {}",
                    worker.id(),
                    head.position(),
                    head.segment());
        }
    }

    private static boolean isKnown(Handle tx, AuditHead head) {
        return tx.attach(AlarmDao.class)
                .of(head.segment())
                .filter(alarm -> alarm.position() >= head.position())
                .isPresent();
    }

    private boolean raise(Handle tx, Caller worker, AuditHead head) {
        if (isKnown(tx, head)) {
            return false;
        }
        tx.attach(AlarmDao.class).put(new Alarm(head.segment(), head.position(), head.hash(), worker.id(), null));
        Event event = Event.of(kind(tx, head.segment()), head.segment()).set("witnessed", facts(head));
        audit.record(tx, worker, event);
        return true;
    }

    /** All of the head, so that it can be proved again later. */
    private static Map<String, Object> facts(AuditHead head) {
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("position", head.position());
        facts.put("hash", head.hash());
        facts.put("signature", head.signature());
        return facts;
    }

    /** What a restore elsewhere could not have is lost; whatever else the chain lacks was taken from it. */
    private static Action kind(Handle tx, String segment) {
        AlarmDao dao = tx.attach(AlarmDao.class);
        boolean isLost = dao.restoredAt()
                .filter(restored -> !dao.holdsBehind(segment, restored))
                .isPresent();
        return isLost ? Action.AUDIT_LOST : Action.AUDIT_ROLLED_BACK;
    }

    /**
     * What is wrong and what to do about it; empty when nothing is.
     *
     * @param loss which kind: {@code AUDIT_ROLLED_BACK} or {@code AUDIT_LOST}
     */
    public Optional<String> finding(Action loss) {
        return database.read(tx -> open(tx).stream()
                .filter(alarm -> kind(tx, alarm.segment()) == loss)
                .map(alarm -> sentence(alarm, loss))
                .findFirst());
    }

    /** The same of any kind. */
    public Optional<String> finding() {
        return finding(Action.AUDIT_ROLLED_BACK).or(() -> finding(Action.AUDIT_LOST));
    }

    private static String sentence(Alarm alarm, Action loss) {
        String seen = "worker " + alarm.workerId() + " has seen position " + alarm.position() + " of segment "
                + alarm.segment();
        return loss == Action.AUDIT_LOST
                ? "the backup that was restored here is older than the audit log was: " + seen + "; find out what is"
                        + " missing between the two, then run: lyftdata audit acknowledge --reason TEXT"
                : "the audit log was rolled back or cut: " + seen
                        + ", which it does not hold; find out who put an older"
                        + " database in place, and what is missing since, then run: lyftdata audit acknowledge --reason"
                        + " TEXT";
    }

    /**
     * Closes all open alarms; from then on what is known to be lost raises none, and the chain goes on in a new segment.
     *
     * @throws Refusal {@code conflict} when no alarm is open
     */
    public void acknowledge(Caller caller, String reason) {
        if (reason == null || reason.isBlank() || reason.length() > LONGEST_REASON) {
            throw new Refusal(
                    Code.UNPROCESSABLE, "reason must say in 1 to " + LONGEST_REASON + " characters what happened");
        }
        database.write(tx -> {
            List<Alarm> open = open(tx);
            if (open.isEmpty()) {
                throw new Refusal(Code.CONFLICT, "the audit log has no open alarm: there is nothing to acknowledge");
            }
            open.forEach(alarm -> acknowledge(tx, caller, alarm, reason));
            audit.beginSegment(tx, caller);
            return null;
        });
        LOG.info("the loss in the audit log was acknowledged by {}", caller.id());
    }

    private void acknowledge(Handle tx, Caller caller, Alarm alarm, String reason) {
        String signature = key.sign(acknowledged(alarm));
        tx.attach(AlarmDao.class)
                .put(new Alarm(alarm.segment(), alarm.position(), alarm.hash(), alarm.workerId(), signature));
        Event event = Event.of(Action.AUDIT_ACKNOWLEDGED, alarm.segment())
                .set("position", alarm.position())
                .set("reason", reason);
        audit.record(tx, caller, event);
    }

    private List<Alarm> open(Handle tx) {
        return tx.attach(AlarmDao.class).all().stream()
                .filter(alarm -> !key.signed(acknowledged(alarm), alarm.acknowledgement()))
                .toList();
    }

    private static byte[] acknowledged(Alarm alarm) {
        return String.join(
                        "\n",
                        "lyftdata-audit-acknowledged-v1",
                        alarm.segment(),
                        Long.toString(alarm.position()),
                        alarm.hash())
                .getBytes(StandardCharsets.UTF_8);
    }
}
