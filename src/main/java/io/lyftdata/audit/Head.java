package io.lyftdata.audit;

import io.lyftdata.crypto.Digests;

/**
 * The newest link of a chain.
 *
 * @param position 0 for a chain without records
 * @param hash of that record
 */
public record Head(String segment, long position, String hash) {
    /** What the first record of an installation's chain stands on. */
    public static Head genesis(String installation, String segment) {
        return new Head(segment, 0, Digests.sha256Hex("lyftdata-audit-v1\n" + installation + "\n" + segment));
    }
}
