package io.lyftdata.api.fleet;

/** A worker's metrics on their way to the server. */
public final class MetricsPush {
    public static final String PATH = "/api/worker/metrics";

    /** Of the answer: the worker's families that are not shown, since more workers give them another type. */
    public static final String LEFT_OUT_HEADER = "Lyftdata-Left-Out";

    private MetricsPush() {}
}
