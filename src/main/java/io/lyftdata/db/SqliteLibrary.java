package io.lyftdata.db;

import io.lyftdata.crypto.SecretFile;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import org.sqlite.SQLiteJDBCLoader;
import org.sqlite.util.LibraryLoaderUtil;

/**
 * SQLite's native library in a file that only its owner may read. The driver would unpack it executable, under a
 * new name at each start.
 */
public final class SqliteLibrary {
    private SqliteLibrary() {}

    /** On return the driver loads the library from the directory; on a system that the jar has none for, it says so. */
    public static void unpack(Path directory) throws IOException {
        String name = LibraryLoaderUtil.getNativeLibName();
        String packed = LibraryLoaderUtil.getNativeLibResourcePath() + "/" + name;
        try (InputStream library = SQLiteJDBCLoader.class.getResourceAsStream(packed)) {
            if (library != null) {
                SecretFile.write(directory.resolve(name), library.readAllBytes());
                System.setProperty("org.sqlite.lib.path", directory.toString());
            }
        }
    }
}
