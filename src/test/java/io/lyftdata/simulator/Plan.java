package io.lyftdata.simulator;

import java.util.concurrent.TimeUnit;

/** What the workers do, changed while they do it. Safe for use by many threads. */
final class Plan {
    /** What a worker does that has joined. */
    enum Mode {
        /** Keeps its connection and says nothing. */
        PAUSE,
        /** Calls when the server says that it is time, and reports. */
        LIVE
    }

    final Site site;
    final String secret;
    /** Nanoseconds between a worker's metrics; 0: none. */
    final long metricsEvery;
    /** Each worker whose number this divides sends a line of log a second; 0: none. */
    final int logsOfEvery;

    private volatile Mode mode = Mode.PAUSE;
    private volatile Tally tally = new Tally();

    Plan(Site site, String secret, int metricsSeconds, int logsOfEvery) {
        this.site = site;
        this.secret = secret;
        this.metricsEvery = TimeUnit.SECONDS.toNanos(metricsSeconds);
        this.logsOfEvery = logsOfEvery;
    }

    Mode mode() {
        return mode;
    }

    void mode(Mode next) {
        mode = next;
    }

    Tally tally() {
        return tally;
    }

    /** Begins a new measurement; the former one, which ends. */
    Tally measure() {
        Tally former = tally;
        tally = new Tally();
        return former;
    }
}
