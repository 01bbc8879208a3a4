package io.lyftdata.audit;

/**
 * The newest link of a chain.
 *
 * @param position 0 for a chain without records
 * @param hash of that record
 */
public record Head(String segment, long position, String hash) {}
