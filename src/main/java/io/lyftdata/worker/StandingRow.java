package io.lyftdata.worker;

import java.time.Instant;

/** What {@link Workers#standings} needs of a worker; the last two are null before its first heartbeat. */
public record StandingRow(String id, Worker.State state, Instant seenAt, String version) {}
