package io.lyftdata.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.lyftdata.testing.AgeKeys;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class SealingTest {
    private static final int CHUNK = Sealing.CHUNK;
    private static final AgeKeys AGE = AgeKeys.generate();

    @TempDir
    Path directory;

    private static byte[] content(int size) {
        byte[] content = new byte[size];
        new Random(size).nextBytes(content);
        return content;
    }

    private static OutputStream seal(OutputStream out) throws IOException {
        return Envelope.seal(out, List.of(AGE.recipient()));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 2 * CHUNK + 1, 50 * CHUNK + 7})
    void everySizeAroundAChunkIsOpenedByTheLibraryAndByAge(int size) throws Exception {
        byte[] content = content(size);
        ByteArrayOutputStream sealed = new ByteArrayOutputStream();
        try (OutputStream out = seal(sealed)) {
            for (int from = 0; from < size; from += 10_007) {
                out.write(content, from, Math.min(10_007, size - from));
            }
        }
        assertThat(Envelope.open(new ByteArrayInputStream(sealed.toByteArray()), Envelope.identities(AGE.identity()))
                        .readAllBytes())
                .isEqualTo(content);
        Path file = Files.write(directory.resolve("sealed"), sealed.toByteArray());
        Path identity = Files.writeString(directory.resolve("identity"), AGE.identity());
        Path opened = directory.resolve("opened");
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/age")), "Debian's age is not installed");
        assertThat(new ProcessBuilder(
                                "/usr/bin/age",
                                "-d",
                                "-i",
                                identity.toString(),
                                "-o",
                                opened.toString(),
                                file.toString())
                        .inheritIO()
                        .start()
                        .waitFor())
                .isZero();
        assertThat(size == 0 && !Files.exists(opened) ? new byte[0] : Files.readAllBytes(opened))
                .isEqualTo(content);
    }

    @Test
    void aDiskThatIsFullIsToldAndLeavesNoThread() throws Exception {
        OutputStream full = new OutputStream() {
            private int left = 5 * CHUNK;

            @Override
            public void write(int one) throws IOException {
                if (--left < 0) {
                    throw new IOException("No space left on device");
                }
            }
        };
        assertThatThrownBy(() -> {
                    try (OutputStream out = seal(full)) {
                        out.write(content(100 * CHUNK));
                    }
                })
                .isInstanceOf(IOException.class)
                .hasMessageContaining("No space left");
        for (Thread thread : Thread.getAllStackTraces().keySet()) {
            if (thread.getName().equals("sealing")) {
                thread.join(TimeUnit.SECONDS.toMillis(10));
                assertThat(thread.isAlive()).isFalse();
            }
        }
    }
}
