package io.lyftdata.db;

import io.lyftdata.crypto.Randomness;
import io.lyftdata.crypto.SecretFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Space on the disk that is kept for what must be written when there is no other left: a file that gives way in slices,
 * so that nobody else can take much of it, and is made whole again when there is room. Safe for use by many threads.
 */
public final class Reserve {
    private static final Logger LOG = LoggerFactory.getLogger(Reserve.class);
    private static final int SLICE = 1 << 19;
    private static final long SIZE = 32L * SLICE;
    /** How often a write that found the disk full is tried again: others take of what gave way, too. */
    public static final int ATTEMPTS = 3;

    private final Path file;
    private volatile boolean isReleased;

    public Reserve(Path file) {
        this.file = file;
    }

    /**
     * Makes room, unless there is some, after a write found the disk full; false when nothing is left that could give
     * way.
     */
    public synchronized boolean release() {
        isReleased = true;
        try {
            return free() >= SLICE || (length() > 0 && giveWay());
        } catch (IOException e) {
            LOG.warn("the reserve could not give way", e);
            return false;
        }
    }

    private boolean giveWay() throws IOException {
        long left = length();
        LOG.warn(
                "the disk of {} is full: the server writes into its reserve, of which {} KiB are left",
                file,
                (left - SLICE) / 1024);
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.truncate(Math.max(0, left - SLICE));
        }
        return true;
    }

    /** Whether it has given way, and is not whole again: only what must be written is, until then. */
    public boolean isReleased() {
        return isReleased;
    }

    /** In bytes. */
    public long left() {
        try {
            return length();
        } catch (IOException e) {
            return 0;
        }
    }

    /** Makes it whole, when there is room for it and as much again; a whole one costs a look at its length. */
    public synchronized void refill() {
        try {
            long length = length();
            if (length >= SIZE) {
                tellWhole();
            } else if (free() >= 2 * (SIZE - length)) {
                fill(length);
                tellWhole();
            } else {
                isReleased = true;
            }
        } catch (IOException e) {
            isReleased = true;
            LOG.debug("the reserve could not be made whole; it is tried again", e);
        }
    }

    private void tellWhole() {
        if (isReleased) {
            LOG.info("the disk of {} has room again: the reserve is whole", file);
        }
        isReleased = false;
    }

    /** Random bytes, which no file system can make smaller. */
    private void fill(long from) throws IOException {
        SecretFile.createEmpty(file);
        byte[] slice = Randomness.bytes(SLICE);
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            for (long at = from; at < SIZE; at += SLICE) {
                channel.write(ByteBuffer.wrap(slice), at);
            }
        }
    }

    private long length() throws IOException {
        return Files.exists(file) ? Files.size(file) : 0;
    }

    private long free() throws IOException {
        return Files.getFileStore(file.toAbsolutePath().getParent()).getUsableSpace();
    }
}
