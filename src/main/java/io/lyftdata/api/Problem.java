package io.lyftdata.api;

import com.fasterxml.jackson.annotation.JsonAnyGetter;
import com.fasterxml.jackson.annotation.JsonAnySetter;
import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.Map;

/**
 * An error answer, {@code application/problem+json} (RFC 9457).
 *
 * @param type always {@code about:blank}: the {@code code} is what a program reads
 * @param title the HTTP status in words
 * @param status the HTTP status
 * @param detail one sentence that says what to do
 * @param code one of {@link Code}, in lower case
 * @param requestId the same id as in the server's log lines
 * @param facts further members, such as {@code serverTime}
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Problem(
        String type,
        String title,
        int status,
        String detail,
        String code,
        String requestId,
        @JsonAnyGetter @JsonAnySetter Map<String, Object> facts) {
    public static final String MEDIA_TYPE = "application/problem+json";
}
