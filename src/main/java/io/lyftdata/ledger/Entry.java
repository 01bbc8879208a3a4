package io.lyftdata.ledger;

import java.time.Instant;

/**
 * What has been entered.
 *
 * @param sequence 1 for the installation's first entry, then without gaps
 * @param time to the millisecond
 */
public record Entry(long sequence, Instant time, Change change) {
    public boolean says(String what) {
        return change.what().equals(what);
    }

    /** Null when there is no such fact. */
    public String fact(String name) {
        return change.facts().get(name);
    }
}
