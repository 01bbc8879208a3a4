package io.lyftdata.worker;

import io.lyftdata.api.Workers.Isolated;
import io.lyftdata.api.Workers.View;
import io.lyftdata.ledger.Entry;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What is shown of workers.
 *
 * @param offlineAfter how long a worker may be silent and still count as online
 */
record Views(Isolation isolation, Sightings sightings, Clock clock, Duration offlineAfter) {
    /** As it is now. */
    View of(WorkerRow stored) {
        WorkerRow row = sightings.newest(stored.id()).map(stored::seen).orElse(stored);
        Map<String, String> claimed = new TreeMap<>(row.claimed() == null ? Map.of() : row.claimed());
        claimed.entrySet().removeAll(row.labels().entrySet());
        return new View(
                row.id(),
                state(row.id(), row.state(), row.seenAt(), clock.instant()),
                isolation.of(row.id()).map(Views::isolated).orElse(null),
                row.labels(),
                claimed,
                row.createdAt(),
                row.admittedBy(),
                row.admittedFrom(),
                row.admittedAt(),
                row.seenAt(),
                lastRequest(row),
                row.address(),
                row.version(),
                row.uptimeSeconds(),
                row.tlsMode(),
                row.instanceId(),
                row.clockSkewMillis(),
                null);
    }

    private static Isolated isolated(Entry entry) {
        return new Isolated(entry.time(), entry.fact("by"), entry.fact("reason"), Sentence.until(entry));
    }

    private Instant lastRequest(WorkerRow row) {
        Instant accepted = isolation.acceptedAt(row.id());
        return accepted == null || (row.seenAt() != null && row.seenAt().isAfter(accepted)) ? row.seenAt() : accepted;
    }

    /** The same in short. */
    Standing standing(StandingRow row) {
        return new Standing(
                row.id(),
                state(row.id(), row.state(), row.seenAt(), clock.instant()),
                Optional.ofNullable(row.seenAt()),
                Optional.ofNullable(row.version()).orElse(""));
    }

    private String state(String id, Worker.State stored, Instant seenAt, Instant now) {
        if (isolation.isRemoved(id)) {
            return "removed";
        }
        if (isolation.of(id).isPresent()) {
            return "isolated";
        }
        return switch (stored) {
            case ISOLATED -> "isolated";
            case REMOVED -> "removed";
            case ACTIVE -> seenAt == null ? "new" : seenAt.isAfter(now.minus(offlineAfter)) ? "online" : "offline";
        };
    }
}
