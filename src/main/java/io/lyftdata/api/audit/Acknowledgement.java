package io.lyftdata.api.audit;

/**
 * {@code POST /api/audit/acknowledge}: a person has found out why the audit log lacks what a worker has seen.
 *
 * @param reason what happened, 1 to 500 characters; for the record
 */
public record Acknowledgement(String reason) {
    public static final String PATH = "/api/audit/acknowledge";
}
