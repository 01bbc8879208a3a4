package io.lyftdata.certificate;

import io.dropwizard.lifecycle.Managed;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Every five seconds serves what is due, and warns once each when 21, 7 and 1 days are left. What fails counts when the
 * next sweep finds the same: files that are being replaced do not fit for a moment.
 */
public final class CertificateSweeper implements Managed {
    private static final Logger LOG = LoggerFactory.getLogger(CertificateSweeper.class);
    private static final long SECONDS = 5;
    private static final List<Integer> WARNING_DAYS = List.of(0, 1, 7, 21);

    private final ServerCertificate certificate;
    private final ScheduledExecutorService executor = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "certificate-sweeper");
        thread.setDaemon(true);
        return thread;
    });

    private ScheduledFuture<?> sweeps;
    private Optional<String> lastFailure = Optional.empty();
    private int warnedAt = Integer.MAX_VALUE;

    public CertificateSweeper(ServerCertificate certificate) {
        this.certificate = certificate;
    }

    @Override
    public void start() {
        sweeps = executor.scheduleWithFixedDelay(this::sweepOrLog, 1, SECONDS, TimeUnit.SECONDS);
    }

    @Override
    public void stop() throws InterruptedException {
        sweeps.cancel(false);
        executor.shutdown();
        executor.awaitTermination(2, TimeUnit.SECONDS);
    }

    /** An exception that got through would end all further sweeps. */
    private void sweepOrLog() {
        try {
            sweep();
        } catch (RuntimeException e) {
            LOG.warn("the certificate could not be renewed; the next sweep tries again", e);
        }
    }

    synchronized void sweep() {
        Optional<String> failure = certificate.sweep();
        failure.filter(sentence -> lastFailure.filter(sentence::equals).isPresent())
                .ifPresent(certificate::fail);
        lastFailure = failure;
        warnOfTheEnd();
    }

    private void warnOfTheEnd() {
        long left = certificate.daysLeft();
        int level =
                WARNING_DAYS.stream().filter(days -> left <= days).findFirst().orElse(Integer.MAX_VALUE);
        if (level < warnedAt) {
            LOG.warn(
                    "the server certificate ends in {} days, at {}: lyftdata posture says how to replace it",
                    left,
                    certificate.material().end());
        }
        warnedAt = level;
    }
}
