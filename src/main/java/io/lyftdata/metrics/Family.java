package io.lyftdata.metrics;

import com.google.common.collect.Interner;
import com.google.common.collect.Interners;

/**
 * What stands above the samples of a metric family.
 *
 * @param help as it stood in the exposition, escapes included; empty when there was none
 */
record Family(String name, MetricType type, String help) {
    private static final Interner<Family> SHARED = Interners.newWeakInterner();

    /** One instance for the whole fleet, so that thousands of workers with the same families share their text. */
    static Family shared(String name, MetricType type, String help) {
        return SHARED.intern(new Family(name, type, help));
    }
}
