package io.lyftdata.agent;

import io.lyftdata.api.Code;
import io.lyftdata.api.Heartbeat;
import io.lyftdata.client.ApiFailure;
import io.lyftdata.client.Endpoint;
import io.lyftdata.config.BadSetting;
import io.lyftdata.telemetry.Telemetry;
import java.io.UncheckedIOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A worker: joins, then heartbeats, reports and ships until it is closed. Whatever the server answers or does not, it
 * keeps its identity and goes on trying. It holds its jobs directory from {@link #open} to {@link #close()}, and has one
 * daemon thread, so it may live in another program's process.
 */
public final class Agent implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Agent.class);
    private static final Duration MAX_SKEW = Duration.ofMinutes(2);
    private static final long SHORTEST_MILLIS = 500;
    private static final long LONGEST_MILLIS = Duration.ofMinutes(10).toMillis();
    private static final Duration REFUSED_CAP = Duration.ofMinutes(5);
    private static final long STOP_MILLIS = 2000;
    private static final Duration FOLLOW_INTERVAL = Duration.ofSeconds(1);
    /** Statuses that the same batch of lines would get again: it is set aside. */
    private static final Set<Integer> NEVER_TAKEN = Set.of(400, 413, 415, 422);

    private final AgentConfig config;
    private final WorkerState state;
    private final ServerLink link;
    private final Joining joining;
    private final Renewal renewal;
    private final Clock clock;
    private final LongSupplier ticks;
    private final long startTick;
    private final Telemetry telemetry;
    private final Lane heartbeat;
    private final Lane following;
    private final Lane reporting;
    private final Lane shipping;
    private final CountDownLatch stop = new CountDownLatch(1);
    private final Thread thread = new Thread(this::run, "lyftdata-worker");
    private Consumer<String> told = standing -> {};
    private String standing = "";
    private boolean isSkewed;
    private boolean isClosed;

    private Agent(
            AgentConfig config,
            WorkerState state,
            ServerLink link,
            Telemetry telemetry,
            Clock clock,
            LongSupplier ticks) {
        this.config = config;
        this.state = state;
        this.link = link;
        this.clock = clock;
        this.ticks = ticks;
        this.startTick = ticks.getAsLong();
        ServerClock time = new ServerClock(clock);
        this.joining = new Joining(config, state, time, this::greeting);
        this.renewal = new Renewal(state, link, time, this::greeting);
        this.heartbeat = new Lane("control plane", this::beat, REFUSED_CAP, joining::advice, ticks);
        this.telemetry = telemetry;
        this.following = new Lane("log files", this::follow, REFUSED_CAP, joining::advice, ticks);
        this.reporting = new Lane("metrics", this::report, REFUSED_CAP, joining::advice, ticks);
        this.shipping = new Lane("log lines", this::ship, REFUSED_CAP, joining::advice, ticks);
        thread.setDaemon(true);
    }

    /**
     * Takes the jobs directory and makes identity and key if it holds none; calls nobody yet.
     *
     * @param ticks monotonic nanoseconds
     * @throws BadSetting when the settings or the jobs directory cannot be used
     */
    public static Agent open(AgentConfig config, Clock clock, LongSupplier ticks) {
        WorkerState state = WorkerState.open(config.jobsDir());
        try {
            if (!state.isMade() && !mayJoin(config)) {
                throw new BadSetting("this worker has no way to join: give --auto-enrollment-key"
                        + " (LYFTDATA_AUTO_ENROLLMENT_KEY), or --worker-id and --worker-api-key");
            }
            tellWhatCounts(config, state);
            state.make();
            ServerLink link = new ServerLink(config.server(), state);
            return new Agent(config, state, link, telemetry(config, clock), clock, ticks);
        } catch (UncheckedIOException e) {
            state.close();
            throw new BadSetting("--jobs-dir (LYFTDATA_JOBS_DIR): " + config.jobsDir()
                    + " cannot be written: check its owner and disk");
        } catch (RuntimeException e) {
            state.close();
            throw e;
        }
    }

    private static Telemetry telemetry(AgentConfig config, Clock clock) {
        return Telemetry.open(config.jobsDir(), config.scrapes(), config.logFiles(), clock);
    }

    private static boolean mayJoin(AgentConfig config) {
        return config.workerKey().isPresent() || config.enrollmentSecret().get().isPresent();
    }

    private static void tellWhatCounts(AgentConfig config, WorkerState state) {
        Endpoint server = config.server();
        if (server.tlsMode().equals("insecure")) {
            LOG.warn("--tls-insecure: any server is believed and can take this worker's key; for evaluation only, use"
                    + " --tls-pin instead");
        }
        if (!state.isJoined()) {
            return;
        }
        WorkerState.Facts facts = state.facts().orElseThrow();
        LOG.info(
                "worker {} with the identity in {}; id, key and enrollment settings do not count",
                facts.workerId(),
                config.jobsDir());
        if (!server.url().toString().equals(facts.server())) {
            LOG.info("the server's URL was {} and is now {}", facts.server(), server.url());
            state.save(facts.at(server.url().toString()));
        }
        warnOfLeftSecret(config);
    }

    private static void warnOfLeftSecret(AgentConfig config) {
        boolean left;
        try {
            left = config.enrollmentSecret().get().isPresent();
        } catch (BadSetting e) {
            left = false; // What cannot be read is as good as gone.
        }
        if (left) {
            LOG.warn("the enrollment secret is still configured and no longer needed: remove it from this host");
        }
    }

    /** Starts the thread; once. */
    public void start() {
        thread.start();
    }

    /**
     * Starts the thread; once.
     *
     * @param told takes, in one line for people, how the worker stands with its server, when that has changed
     */
    public void start(Consumer<String> told) {
        this.told = told;
        thread.start();
    }

    /** Returns when the agent has been closed. */
    public void awaitEnd() throws InterruptedException {
        stop.await();
    }

    private void run() {
        try {
            boolean stopped = false;
            while (!stopped) {
                stopped = stop.await(step().toNanos(), TimeUnit.NANOSECONDS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Does all that is due; how long until something is due again. */
    Duration step() {
        Duration wait = min(heartbeat.run(), following.run());
        tell(heartbeat.trouble().orElse("the server hears this worker"));
        // Without a heartbeat there is nobody to report to; lines wait in the spool.
        return heartbeat.isFailing() ? wait : min(wait, min(reporting.run(), shipping.run()));
    }

    private void tell(String now) {
        if (!now.equals(standing)) {
            standing = now;
            told.accept(now);
        }
    }

    private static Duration min(Duration some, Duration other) {
        return some.compareTo(other) <= 0 ? some : other;
    }

    private Duration follow() {
        return telemetry.logs().poll() ? Duration.ZERO : FOLLOW_INTERVAL;
    }

    private Duration report() {
        try {
            telemetry
                    .metrics()
                    .leftOut(link.api().putMetrics(telemetry.metrics().collect()));
        } catch (ApiFailure failure) {
            if (!failure.is(Code.UNPROCESSABLE) || config.scrapes().isEmpty()) {
                throw failure;
            }
            LOG.warn(
                    "the server refused the metrics, which now go without those of --scrape: {}", failure.getMessage());
            telemetry
                    .metrics()
                    .leftOut(link.api().putMetrics(telemetry.metrics().collectOwn()));
        }
        return config.metricsInterval();
    }

    private Duration ship() {
        try {
            return telemetry.logs().ship(link.api()::postLogs) ? Duration.ZERO : FOLLOW_INTERVAL;
        } catch (ApiFailure failure) {
            if (!NEVER_TAKEN.contains(failure.status())) {
                throw failure;
            }
            telemetry.logs().setOldestAside();
            return Duration.ZERO;
        }
    }

    private Duration beat() {
        if (!state.isJoined()) {
            joining.attempt(link.api());
            warnOfLeftSecret(config);
        }
        Heartbeat.Answer answer = renewal.beat();
        state.witness(answer.auditHead());
        compareClocks(answer.time());
        if (answer.keyDue()) {
            renewal.rotate();
        }
        link.follow(answer.caRevision());
        return Duration.ofMillis(Math.max(SHORTEST_MILLIS, Math.min(LONGEST_MILLIS, answer.nextMillis())));
    }

    private Heartbeat.Request greeting() {
        long uptime = TimeUnit.NANOSECONDS.toSeconds(ticks.getAsLong() - startTick);
        String version = Optional.ofNullable(Agent.class.getPackage().getImplementationVersion())
                .orElse("development");
        return new Heartbeat.Request(
                version,
                uptime,
                config.labels(),
                config.server().tlsMode(),
                clock.instant(),
                state.auditHead().orElse(null),
                state.facts().map(WorkerState.Facts::caRevision).orElse(null));
    }

    private void compareClocks(Instant serverTime) {
        if (serverTime == null) {
            return;
        }
        Duration serverAhead = Duration.between(clock.instant(), serverTime);
        boolean skewed = serverAhead.abs().compareTo(MAX_SKEW) > 0;
        if (skewed && !isSkewed) {
            LOG.warn("this host's clock is {} off: set it right", ServerClock.inWords(serverAhead));
        }
        isSkewed = skewed;
    }

    /**
     * Ends the calls under way and returns within seconds; then another process may have the jobs directory. Closing
     * again does nothing.
     */
    @Override
    public synchronized void close() {
        if (isClosed) {
            return;
        }
        isClosed = true;
        stop.countDown();
        try {
            thread.join(STOP_MILLIS);
            thread.interrupt();
            thread.join(STOP_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        telemetry.close();
        state.close();
    }
}
