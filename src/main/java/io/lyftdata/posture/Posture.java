package io.lyftdata.posture;

import com.codahale.metrics.MetricRegistry;
import io.lyftdata.api.posture.Report;
import io.lyftdata.api.posture.Severity;
import io.lyftdata.audit.Audit;
import io.lyftdata.auth.Caller;
import io.lyftdata.db.Database;
import io.lyftdata.posture.Judged.Shown;
import io.lyftdata.posture.PostureDao.Known;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs every check, one run at a time, and keeps the newest report. A check that fails or hangs is a finding. Safe for
 * use by many threads.
 */
public final class Posture {
    private static final Logger LOG = LoggerFactory.getLogger(Posture.class);
    /** A little less than a day, so that the hour of the run does not wander. */
    private static final Duration DAY = Duration.ofHours(23).plusMinutes(30);

    /** Of a run, while no more than four checks hang: a client waits for 30 s. */
    private static final Duration LONGEST = Duration.ofSeconds(25);

    private static final Duration GRACE = Duration.ofSeconds(5);

    private final Database database;
    private final Audit audit;
    private final Clock clock;
    private final List<BoundedCheck> checks;
    private final Supplier<List<Waiver>> waivers;

    private volatile Optional<Report> newest = Optional.empty();

    /** @param waivers in force, asked anew at each run */
    public Posture(
            Database database, Audit audit, Clock clock, List<PostureCheck> checks, Supplier<List<Waiver>> waivers) {
        this.database = database;
        this.audit = audit;
        this.clock = clock;
        this.waivers = waivers;
        Set<String> ids = checks.stream().map(check -> check.rule().id()).collect(Collectors.toSet());
        if (ids.size() < checks.size()) {
            throw new IllegalArgumentException("two checks have one id");
        }
        this.checks = Stream.concat(checks.stream(), Stream.of(new WaiverPostureCheck(ids, waivers, clock)))
                .map(BoundedCheck::new)
                .toList();
    }

    /** Looks, and records nothing. */
    public synchronized Report look() {
        Instant now = clock.instant();
        Report report = report(now, judgeAll(now));
        newest = Optional.of(report);
        return report;
    }

    /** The newest report, which is an hour old at most once the server has served that long; looks when there is none. */
    public Report newest() {
        return newest.orElseGet(this::look);
    }

    /** Looks, and records what differs from the last time that this was done. */
    public synchronized Report record(Caller caller) {
        Instant now = clock.instant();
        List<Judged> judged = judgeAll(now);
        Report report = database.write(tx -> {
            PostureDao dao = tx.attach(PostureDao.class);
            Difference difference = Difference.between(dao.all(), judged, now);
            dao.delete(difference.gone());
            dao.insert(difference.came());
            dao.ran(Long.toString(now.toEpochMilli()));
            Report found = Judged.report(now, clock.instant(), judged, sinceOf(dao.all()));
            audit.record(tx, caller, difference.event(found));
            return found;
        });
        newest = Optional.of(report);
        LOG.info(
                "posture: {} high, {} medium, {} low, {} waived; lyftdata posture says which",
                report.findings().high(),
                report.findings().medium(),
                report.findings().low(),
                report.waived());
        return report;
    }

    /** Whether the last recorded run was yesterday's, or there is none. */
    boolean isDue() {
        return database.first("SELECT value FROM installation_fact WHERE name = 'posture-run'")
                .map(millis -> Instant.ofEpochMilli(Long.parseLong(millis)))
                .filter(last -> last.plus(DAY).isAfter(clock.instant()))
                .isEmpty();
    }

    private Report report(Instant begun, List<Judged> judged) {
        List<Known> known = database.read(tx -> tx.attach(PostureDao.class).all());
        return Judged.report(begun, clock.instant(), judged, sinceOf(known));
    }

    private static Function<Shown, Optional<Instant>> sinceOf(List<Known> known) {
        var since = known.stream().collect(Collectors.toMap(it -> new Shown(it.checkId(), it.subject()), Known::since));
        return shown -> Optional.ofNullable(since.get(shown));
    }

    private List<Judged> judgeAll(Instant now) {
        List<Waiver> valid = waivers.get().stream()
                .filter(waiver -> !waiver.hasExpired(now) && !waiver.check().equals(WaiverPostureCheck.ID))
                .toList();
        long deadline = System.nanoTime() + LONGEST.toNanos();
        checks.forEach(check -> check.begin(GRACE));
        return checks.stream().map(check -> judge(check, deadline, valid)).toList();
    }

    private static Judged judge(BoundedCheck check, long deadline, List<Waiver> waivers) {
        String id = check.rule().id();
        try {
            return Judged.of(check.rule(), check.end(deadline), waivers);
        } catch (IOException | RuntimeException e) {
            LOG.warn("posture check {} failed, which counts as a finding", id, e);
            return Judged.failed(check.rule());
        }
    }

    /** Gauges of the newest run, by severity and by check; without a value before the first. */
    public void register(MetricRegistry metrics) {
        for (Severity severity : Severity.values()) {
            gauge(metrics, severity.wire(), report -> of(report, severity));
        }
        for (BoundedCheck check : checks) {
            String id = check.rule().id();
            gauge(
                    metrics,
                    "check." + id,
                    report -> report.checks().stream()
                            .filter(one -> one.id().equals(id))
                            .mapToLong(Report.Check::count)
                            .sum());
        }
    }

    private void gauge(MetricRegistry metrics, String name, Function<Report, Long> count) {
        metrics.registerGauge(
                "posture.findings." + name, () -> newest.map(count).orElse(null));
    }

    private static long of(Report report, Severity severity) {
        return switch (severity) {
            case HIGH -> report.findings().high();
            case MEDIUM -> report.findings().medium();
            case LOW -> report.findings().low();
        };
    }
}
