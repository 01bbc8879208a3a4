package io.lyftdata.agent;

import io.lyftdata.config.BadSetting;
import io.lyftdata.crypto.SecretFile;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/** The lock on a jobs directory: one process at a time has it, and its death frees it. */
final class JobsLock {
    /** For longer than somebody looks whether it is taken. */
    private static final Duration PATIENCE = Duration.ofMillis(200);

    private JobsLock() {}

    /**
     * Takes the directory; closing the file frees it.
     *
     * @throws BadSetting when another process has it
     */
    static FileChannel take(Path directory) throws IOException {
        Path lock = file(directory);
        SecretFile.createEmpty(lock);
        FileChannel channel = FileChannel.open(lock, StandardOpenOption.WRITE);
        try {
            if (!isLocked(channel)) {
                LockSupport.parkNanos(PATIENCE.toNanos());
                requireLocked(channel, directory);
            }
            return channel;
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    private static void requireLocked(FileChannel channel, Path directory) throws IOException {
        if (!isLocked(channel)) {
            throw new BadSetting("another worker uses " + directory + ": stop it, or give this one its own --jobs-dir");
        }
    }

    /** Whether a worker has the directory. Never for the process of that worker itself, which would lose its lock. */
    static boolean isTaken(Path directory) throws IOException {
        if (!Files.exists(file(directory))) {
            return false;
        }
        try (FileChannel channel = FileChannel.open(file(directory), StandardOpenOption.WRITE)) {
            return !isLocked(channel);
        }
    }

    private static boolean isLocked(FileChannel channel) throws IOException {
        try {
            return channel.tryLock() != null;
        } catch (OverlappingFileLockException e) {
            return false;
        }
    }

    private static Path file(Path directory) {
        return directory.resolve("lock");
    }
}
