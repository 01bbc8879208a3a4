package io.lyftdata.db;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a full disk does to it is in {@code src/test/sh/full-disk.sh}. */
class ReserveTest {
    @TempDir
    Path directory;

    private Path file() {
        return directory.resolve("reserve");
    }

    private ReserveCheck check(Reserve reserve) {
        return new ReserveCheck(reserve);
    }

    @Test
    void isMadeWholeWhileThereIsRoom() throws IOException {
        Reserve reserve = new Reserve(file());
        assertThat(reserve.isReleased()).as("before it is first made").isFalse();
        reserve.refill();
        long whole = reserve.left();
        assertThat(whole).isEqualTo(Files.size(file())).isGreaterThanOrEqualTo(16 << 20);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file())))
                .isEqualTo("rw-------");
        try (FileChannel channel = FileChannel.open(file(), StandardOpenOption.WRITE)) {
            channel.truncate(1 << 19);
        }
        new Reserve(file()).refill();
        assertThat(reserve.left()).isEqualTo(whole);
    }

    @Test
    void keepsTelemetryAwayFromTheFirstFullWriteUntilItIsWhole() {
        Reserve reserve = new Reserve(file());
        reserve.refill();
        assertThat(check(reserve).execute().isHealthy()).isTrue();
        assertThat(reserve.release()).as("somebody else made room").isTrue();
        assertThat(reserve.left()).as("and it gave nothing away").isEqualTo(16 << 20);
        assertThat(reserve.isReleased()).isTrue();
        assertThat(check(reserve).execute().isHealthy()).isFalse();
        reserve.refill();
        assertThat(reserve.isReleased()).isFalse();
    }
}
