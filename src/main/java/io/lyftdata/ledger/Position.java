package io.lyftdata.ledger;

import io.lyftdata.crypto.Digests;

/**
 * A place in the chain.
 *
 * @param sequence of the last entry; 0 before the first
 * @param hash of that entry, SHA-256 in lower-case hex, which depends on all entries before it
 */
public record Position(long sequence, String hash) {
    /** Where a chain begins, which names the installation. */
    public static Position genesis(String installation) {
        return new Position(0, Digests.sha256Hex("lyftdata-ledger-v1\n" + installation));
    }
}
