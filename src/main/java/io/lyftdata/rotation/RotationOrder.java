package io.lyftdata.rotation;

import io.lyftdata.api.Times;
import io.lyftdata.api.rotation.Rotation;
import io.lyftdata.apikey.ApiKey;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/**
 * What was told to rotate: the keys that were made before it.
 *
 * @param number counts the orders
 * @param workerId whose; null: all that have the labels
 * @param labels none: all workers'
 * @param deadline from when on a key that was not rotated is refused; null: never
 * @param overlapMillis how long a former key counts; null: as configured
 */
public record RotationOrder(
        long number,
        String workerId,
        Map<String, String> labels,
        Instant orderedAt,
        String orderedBy,
        Instant deadline,
        Long overlapMillis) {

    boolean isAbout(String worker, Map<String, String> itsLabels) {
        return workerId == null ? itsLabels.entrySet().containsAll(labels.entrySet()) : workerId.equals(worker);
    }

    /** Whether the key is one of those to be renewed. */
    boolean covers(ApiKey key) {
        return key.rotation() < number && isAbout(key.workerId(), key.labels());
    }

    boolean isPast(Instant now) {
        return deadline != null && !now.isBefore(deadline);
    }

    /** Whether half of the time is over. */
    boolean isUrgent(Instant now) {
        return deadline != null
                && !now.isBefore(
                        orderedAt.plus(Duration.between(orderedAt, deadline).dividedBy(2)));
    }

    Optional<Duration> overlap() {
        return Optional.ofNullable(overlapMillis).map(Duration::ofMillis);
    }

    Rotation.Order view() {
        String overlap = overlap().map(Times::format).orElse(null);
        return new Rotation.Order(number, workerId, labels, orderedAt, orderedBy, deadline, overlap);
    }
}
