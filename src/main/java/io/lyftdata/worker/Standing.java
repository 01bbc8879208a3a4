package io.lyftdata.worker;

import java.time.Instant;
import java.util.Optional;

/**
 * Where a worker stands.
 *
 * @param state {@code new} before its first heartbeat, then {@code online} or {@code offline}; {@code isolated} or
 *     {@code removed}
 * @param lastSeen empty before its first heartbeat
 * @param version as it claims; empty when it never said
 */
public record Standing(String id, String state, Optional<Instant> lastSeen, String version) {}
