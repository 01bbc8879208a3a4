package io.lyftdata.api.rotation;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/** {@code /api/rotation}: which workers' keys are to be renewed, and how far that has come. */
public final class Rotation {
    public static final String PATH = "/api/rotation";

    private Rotation() {}

    /**
     * One of {@code worker}, {@code labels} and {@code all} says whose keys.
     *
     * @param deadline from when on keys that were not rotated are refused: a time, or how long from now ({@code 10m});
     *     null: never
     * @param overlap how long the former key counts once the new one was used ({@code 0s}); null: as configured
     */
    public record Wish(String worker, Map<String, String> labels, Boolean all, String deadline, String overlap) {}

    /** @param by who gave it */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Order(
            long number,
            String worker,
            Map<String, String> labels,
            Instant orderedAt,
            String by,
            Instant deadline,
            String overlap) {}

    /**
     * A worker whose key is not renewed yet.
     *
     * @param why {@code waiting} for its next heartbeat, {@code pending} with a new key that it has not used,
     *     {@code refused} with a key that no longer counts, until it recovers, {@code offline} or {@code isolated}
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Left(
            String workerId,
            String why,
            String keyId,
            Instant keyCreatedAt,
            Instant keyExpiresAt,
            Instant lastSeenAt) {}

    /**
     * @param order the one that it is about; null: all that is due
     * @param workers how many it is about
     * @param confirmed how many of them use a new key
     * @param left how many are not done, by why
     * @param items those that are not done, in the order of their ids
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Progress(
            Order order, long workers, long confirmed, Map<String, Long> left, List<Left> items, String next) {}
}
