package io.lyftdata.heartbeat;

import io.lyftdata.api.Code;
import io.lyftdata.api.Heartbeat.Answer;
import io.lyftdata.api.Heartbeat.Request;
import io.lyftdata.api.Refusal;
import io.lyftdata.audit.Witnesses;
import io.lyftdata.auth.Caller;
import io.lyftdata.crypto.KeyString;
import io.lyftdata.crypto.Randomness;
import io.lyftdata.worker.Labels;
import io.lyftdata.worker.Sighting;
import io.lyftdata.worker.Sightings;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Set;
import java.util.function.Predicate;
import java.util.function.Supplier;

/** Takes heartbeats and spreads the next ones. Safe for use by many threads. */
public final class Heartbeats {
    private static final double JITTER = 0.1;
    private static final int MOST_CHARACTERS = 64;
    private static final Set<String> TLS_MODES = Set.of("pinned", "ca", "insecure", "none");

    private final Sightings sightings;
    private final Clock clock;
    private final Duration interval;
    private final Supplier<String> caRevision;
    private final Predicate<String> isKeyDue;
    private final Witnesses witnesses;

    /** @param isKeyDue whether the worker that uses the key with this id is told now to rotate it */
    public Heartbeats(
            Sightings sightings,
            Clock clock,
            HeartbeatConfig config,
            Supplier<String> caRevision,
            Predicate<String> isKeyDue,
            Witnesses witnesses) {
        this.sightings = sightings;
        this.clock = clock;
        this.interval = config.interval();
        this.caRevision = caRevision;
        this.isKeyDue = isKeyDue;
        this.witnesses = witnesses;
    }

    /**
     * Notes that the worker lives, as {@link Sightings} promise, and what it has seen of the audit log.
     *
     * @param instanceId of its process, 32 lower-case hex digits
     * @throws Refusal {@code unprocessable} when a field is missing or nonsense
     */
    public Answer beat(Caller caller, String instanceId, Request beat) {
        Instant now = clock.instant();
        Sighting sighting = new Sighting(
                caller.id(),
                now,
                caller.origin().text(),
                checkedInstance(instanceId),
                checkedVersion(beat.version()),
                checkedUptime(beat.uptimeSeconds()),
                checkedMode(beat.tlsMode()),
                Labels.checked(beat.labels()),
                beat.time() == null ? 0 : Duration.between(now, beat.time()).toMillis());
        witnesses.hear(caller, beat.auditHead());
        sightings.see(sighting);
        return new Answer(
                now,
                nextMillis(),
                isKeyDue.test(caller.keyId()),
                caRevision.get(),
                witnesses.head().orElse(null));
    }

    private long nextMillis() {
        return Math.round(interval.toMillis() * (1 - JITTER + 2 * JITTER * Randomness.fraction()));
    }

    private static String checkedInstance(String instanceId) {
        if (!KeyString.isPublicId(instanceId)) {
            throw new Refusal(
                    Code.UNPROCESSABLE,
                    "the header Lyftdata-Instance must hold 32 lower-case hex digits, new at each start");
        }
        return instanceId;
    }

    private static String checkedVersion(String version) {
        boolean plain = version != null
                && !version.isEmpty()
                && version.length() <= MOST_CHARACTERS
                && version.chars().allMatch(c -> c > ' ' && c < 127);
        if (!plain) {
            throw new Refusal(Code.UNPROCESSABLE, "version must be 1 to 64 printable ASCII characters");
        }
        return version;
    }

    private static long checkedUptime(long seconds) {
        if (seconds < 0) {
            throw new Refusal(Code.UNPROCESSABLE, "uptimeSeconds cannot be negative");
        }
        return seconds;
    }

    private static String checkedMode(String mode) {
        if (mode == null || !TLS_MODES.contains(mode)) {
            throw new Refusal(Code.UNPROCESSABLE, "tlsMode must be pinned, ca, insecure or none");
        }
        return mode;
    }
}
