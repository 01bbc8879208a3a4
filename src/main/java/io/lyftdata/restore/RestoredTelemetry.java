package io.lyftdata.restore;

import io.lyftdata.backup.Unpacked;
import io.lyftdata.crypto.SecretFile;
import io.lyftdata.snapshot.TelemetryCopy;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The logs and metrics of a backup.
 *
 * @param all how many files the backup has, one for each day of logs and one of metrics
 * @param taken how many of them are in place now
 */
public record RestoredTelemetry(int all, int taken) {
    private static final Logger LOG = LoggerFactory.getLogger(RestoredTelemetry.class);

    /**
     * Removes from what was unpacked each file of which this host has as much or more, so that no line goes that came
     * since the backup.
     *
     * @param isSame whether this host's are of the same installation
     */
    static RestoredTelemetry choose(Unpacked unpacked, Path staging, boolean isSame) throws IOException {
        int taken = 0;
        for (String name : unpacked.telemetry()) {
            Path restored = unpacked.directory().resolve(name);
            if (isSame && size(name, staging.resolve(name)) >= size(name, restored)) {
                SecretFile.delete(restored);
            } else {
                taken++;
            }
        }
        return new RestoredTelemetry(unpacked.telemetry().size(), taken);
    }

    private static long size(String name, Path file) {
        try {
            return TelemetryCopy.count(name, file);
        } catch (SQLException e) {
            LOG.info("{} is not there or cannot be read", file, e);
            return -1;
        }
    }
}
