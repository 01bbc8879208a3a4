package io.lyftdata.metrics;

import java.time.Instant;
import java.util.Optional;

/**
 * What the exposition says of a worker besides its own metrics.
 *
 * @param online whether its heartbeats arrive
 * @param lastSeen empty when it never sent one
 * @param version as the worker claims; empty when it never said
 */
public record WorkerStatus(String id, boolean online, Optional<Instant> lastSeen, String version) {}
