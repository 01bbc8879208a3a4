package io.lyftdata.api;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;

/** Every error code that an answer of the API can carry, with its HTTP status (RFC 9110, RFC 6585). */
public enum Code {
    BAD_REQUEST(400),
    CREDENTIALS_MISSING(401),
    CREDENTIALS_MALFORMED(401),
    KEY_UNKNOWN(401),
    KEY_EXPIRED(401),
    KEY_REVOKED(401),
    LOGIN_REFUSED(401),
    ENROLLMENT_REFUSED(401),
    PROOF_INVALID(401),
    PROOF_EXPIRED(401),
    PROOF_REUSED(401),
    WORKER_ISOLATED(403),
    ROLE_MISSING(403),
    ADDRESS_REFUSED(403),
    PROOF_MISSING(403),
    LOCKED_DOWN(403),
    HTTPS_REQUIRED(403),
    NOT_FOUND(404),
    METHOD_NOT_ALLOWED(405),
    NOT_ACCEPTABLE(406),
    REQUEST_TIMEOUT(408),
    NAME_TAKEN(409),
    IDENTITY_TAKEN(409),
    KEY_TAKEN(409),
    CONFLICT(409),
    BODY_TOO_LARGE(413),
    URI_TOO_LONG(414),
    MEDIA_TYPE_UNSUPPORTED(415),
    UNPROCESSABLE(422),
    DEADLINE_PASSED(422),
    TOO_MANY_REQUESTS(429),
    HEADERS_TOO_LARGE(431),
    INTERNAL_ERROR(500),
    AUDIT_PENDING(503),
    UNAVAILABLE(503),
    STORAGE_FULL(507);

    private final int status;

    Code(int status) {
        this.status = status;
    }

    /** The HTTP status code. */
    public int status() {
        return status;
    }

    /** The name on the wire, as in {@code key_unknown}. */
    @JsonValue
    public String wire() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** The code that fits an HTTP status that no code of ours named; the closest class otherwise. */
    public static Code ofStatus(int status) {
        for (Code code : values()) {
            if (code.status == status && code != KEY_UNKNOWN) {
                return code;
            }
        }
        return status >= 500 ? INTERNAL_ERROR : BAD_REQUEST;
    }
}
