package io.lyftdata.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.time.Instant;

/**
 * One log line: what a worker ships, and (with worker and cursor) what a reader gets as NDJSON. A reader also gets
 * {@code claimedTime} where the server put the time of arrival in place of one that cannot be.
 *
 * @param time when it was written, as far as the worker knows; else when the worker read it
 * @param level {@code trace}, {@code debug}, {@code info}, {@code warn} or {@code error}
 * @param source the file's path, or {@code worker} for the worker's own log
 * @param message the line, without its line end
 * @param truncated true when the line was longer than the limit and has been cut
 * @param worker set by the server
 * @param cursor set by the server: a reader resumes behind this line with {@code ?cursor=}
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record LogLine(
        Instant time, String level, String source, String message, Boolean truncated, String worker, String cursor) {
    /** Names the batch on {@code POST /api/worker/logs}, so that a retry is stored once: 32 lower-case hex digits. */
    public static final String BATCH_HEADER = "Lyftdata-Batch";
    /** NDJSON, both ways. */
    public static final String MEDIA_TYPE = "application/x-ndjson";
}
