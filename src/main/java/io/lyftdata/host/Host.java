package io.lyftdata.host;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * What a process can read of the machine that it runs on.
 *
 * @param root the directory that holds {@code proc}, {@code sys} and {@code etc}
 */
public record Host(Path root) {
    /** The one under this process. */
    public static final Host OF_PROCESS = new Host(Path.of("/"));

    /** @param absolute as in {@code /proc/self/status} */
    public Path path(String absolute) {
        return root.resolve(absolute.substring(1));
    }

    List<String> lines(String absolute) throws IOException {
        return Files.readAllLines(path(absolute));
    }
}
