package io.lyftdata.evidence;

import java.time.Instant;

/**
 * What evidence is about.
 *
 * @param incident id
 * @param since when it may have begun; it ends when the evidence is collected
 */
public record Window(String incident, Instant since) {}
