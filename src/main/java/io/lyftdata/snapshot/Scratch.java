package io.lyftdata.snapshot;

import io.lyftdata.crypto.Randomness;
import io.lyftdata.crypto.SecretFile;
import java.io.IOException;
import java.nio.file.Path;

/** Files that hold a database in the clear for a while. */
public final class Scratch {
    private Scratch() {}

    /** Empty, and its owner's only. */
    public static Path newFile(Path directory) throws IOException {
        Path file = directory.resolve(".lyftdata-" + Randomness.hex(64) + ".db");
        SecretFile.createEmpty(file);
        return file;
    }
}
