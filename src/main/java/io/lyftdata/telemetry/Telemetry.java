package io.lyftdata.telemetry;

import io.lyftdata.config.BadSetting;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;

/** What the worker says of its host and of itself. */
public record Telemetry(MetricsReporter metrics, OwnLog ownLog, LogShipper logs) implements AutoCloseable {
    /**
     * Takes what it keeps in the jobs directory.
     *
     * @throws BadSetting when that or a file to follow cannot be used
     */
    public static Telemetry open(Path jobsDir, List<URI> scrapes, List<Path> logFiles, Clock clock) {
        try {
            Spool spool = new Spool(jobsDir.resolve("spool"), Spool.DEFAULT_BYTES);
            MetricsReporter metrics = new MetricsReporter(scrapes, jobsDir.resolve("native"));
            OwnLog ownLog = new OwnLog().attach();
            return new Telemetry(metrics, ownLog, new LogShipper(spool, logFiles, ownLog, clock));
        } catch (IOException e) {
            throw new BadSetting("--jobs-dir (LYFTDATA_JOBS_DIR): " + jobsDir.resolve("spool")
                    + " cannot be used: check its owner and disk");
        } catch (IllegalArgumentException e) {
            throw new BadSetting(e.getMessage());
        }
    }

    @Override
    public void close() {
        ownLog.close();
        logs.poll();
        logs.close();
        metrics.close();
    }
}
