package io.lyftdata.audit;

import java.util.Arrays;
import java.util.Optional;

/** Everything that leaves a record; a name is never given another meaning. */
public enum Action {
    SERVER_STARTED,
    SERVER_STOPPED,
    EPOCH_BEGUN,
    SETTINGS_CHANGED,
    POSTURE_CHECKED,
    REFUSED,
    AUDIT_ROLLED_BACK,
    AUDIT_LOST,
    AUDIT_ACKNOWLEDGED,
    SEGMENT_BEGUN,
    AUDIT_EXPORTED,
    AUDIT_PRUNED,
    USER_ADDED,
    USER_REMOVED,
    PASSWORD_SET,
    PASSWORD_RESET,
    PASSWORD_ENDED,
    SESSION_BEGUN,
    SESSION_ENDED,
    SESSIONS_ENDED,
    TOKEN_ISSUED,
    TOKEN_REVOKED,
    TOKENS_REVOKED,
    WORKER_ADDED,
    WORKER_ADMITTED,
    WORKER_ISOLATED,
    WORKER_RELEASED,
    WORKER_REMOVED,
    WORKER_READMITTED,
    WORKER_RESET,
    WORKER_CLONED,
    IDENTITY_ENDED,
    API_KEY_ISSUED,
    API_KEY_REGISTERED,
    API_KEY_ROTATED,
    API_KEY_REVOKED,
    API_KEYS_REVOKED,
    ROTATION_ORDERED,
    WORKER_RECOVERED,
    ENROLLMENT_ENABLED,
    ENROLLMENT_DISABLED,
    LOCKDOWN_BEGUN,
    LOCKDOWN_ENDED,
    LOGS_PRUNING_ANNOUNCED,
    LOGS_PRUNED,
    AUTHORITY_MADE,
    AUTHORITY_PREPARED,
    AUTHORITY_ACTIVATED,
    AUTHORITY_ROLLED_BACK,
    AUTHORITY_RETIRED,
    CERTIFICATE_ISSUED,
    CERTIFICATE_ROTATED,
    INCIDENT_OPENED,
    INCIDENT_STEP,
    INCIDENT_CLOSED,
    BACKUP_CREATED,
    BACKUP_VERIFIED,
    BACKUP_PRUNED,
    EVIDENCE_COLLECTED,
    RESTORED;

    /** The action of that name, in either case. */
    public static Optional<Action> of(String name) {
        return Arrays.stream(values())
                .filter(action -> action.name().equalsIgnoreCase(name))
                .findFirst();
    }
}
