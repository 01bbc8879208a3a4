package io.lyftdata.host;

import io.lyftdata.api.Code;
import io.lyftdata.api.Refusal;
import io.lyftdata.db.Reserve;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.BooleanSupplier;
import java.util.function.DoubleSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether the disk has room for telemetry. While it has not, telemetry is refused, so that what is left goes to the
 * control database. Safe for use by many threads.
 */
public final class Space {
    private static final Logger LOG = LoggerFactory.getLogger(Space.class);
    private static final Duration RETRY = Duration.ofSeconds(10);

    private final DoubleSupplier usedPercentage;
    private final BooleanSupplier isReserveReleased;
    private volatile boolean full;

    /** @param usedPercentage of the disk that holds telemetry, 0 to 100 */
    public Space(DoubleSupplier usedPercentage) {
        this(usedPercentage, () -> false);
    }

    private Space(DoubleSupplier usedPercentage, BooleanSupplier isReserveReleased) {
        this.usedPercentage = usedPercentage;
        this.isReserveReleased = isReserveReleased;
    }

    /**
     * Of the disk that holds the directory, counted as {@code df} does.
     *
     * @param reserve of the same disk: what it gave way is not telemetry's
     */
    public static Space of(Path directory, Reserve reserve) {
        return new Space(() -> usedPercentage(directory), reserve::isReleased);
    }

    private static double usedPercentage(Path directory) {
        try {
            FileStore disk = Files.getFileStore(directory);
            double used = disk.getTotalSpace() - disk.getUnallocatedSpace();
            double available = disk.getUsableSpace();
            return used + available == 0 ? 0 : 100 * used / (used + available);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public boolean isAbove(int percentage) {
        return usedPercentage.getAsDouble() > percentage;
    }

    /** Whether telemetry is refused for want of room. */
    public boolean isFull() {
        return full;
    }

    /** @throws Refusal while there is no room */
    public void require() {
        if (full || isReserveReleased.getAsBoolean()) {
            throw refusal();
        }
    }

    /** A write found the disk full: nothing more is taken until the next sweep. */
    public Refusal exhausted() {
        setFull(true);
        return refusal();
    }

    public void setFull(boolean now) {
        if (full != now) {
            full = now;
            if (now) {
                LOG.warn("the disk is full: telemetry is refused; lyftdata posture says more");
            } else {
                LOG.info("the disk has room again: telemetry is taken");
            }
        }
    }

    private static Refusal refusal() {
        return new Refusal(
                        Code.STORAGE_FULL,
                        "the server's disk is too full for telemetry: free space there, for all logs that"
                                + " could go have gone; keep the data and send it again later")
                .retryAfter(RETRY);
    }
}
