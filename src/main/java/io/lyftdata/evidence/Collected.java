package io.lyftdata.evidence;

import java.util.List;

/**
 * Evidence that was collected.
 *
 * @param file its name in {@code incident/}
 * @param size in bytes
 * @param sha256 of the file, in lower-case hex
 * @param members how many files are in it
 * @param missing those that could not be had, such as the list of parts of a jar that was built without one
 */
public record Collected(String file, long size, String sha256, int members, List<String> missing) {}
