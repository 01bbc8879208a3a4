package io.lyftdata.config;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.Map;
import java.util.Set;

/** Refuses files and directories with secrets that group or world can reach, and says the {@code chmod} that mends it. */
public final class PrivateFiles {
    private static final Set<PosixFilePermission> OTHERS = Set.of(
            PosixFilePermission.GROUP_READ,
            PosixFilePermission.GROUP_WRITE,
            PosixFilePermission.OTHERS_READ,
            PosixFilePermission.OTHERS_WRITE);

    private PrivateFiles() {}

    /** The file's text without the line end behind it. */
    public static String readSecret(Path file, Map<String, String> environment, String setting) {
        if (!Files.isRegularFile(file)) {
            throw new BadSetting(setting + ": " + file + " does not exist or is no regular file");
        }
        requirePrivate(file, environment, setting + " names it");
        try {
            String text = Files.readString(file).stripTrailing();
            if (text.isEmpty()) {
                throw new BadSetting(setting + ": " + file + " is empty");
            }
            return text;
        } catch (IOException e) {
            throw new BadSetting(setting + ": " + file + " cannot be read; check its owner");
        }
    }

    /**
     * Regular files under systemd's {@code $CREDENTIALS_DIRECTORY} are private by their place, whatever their mode; a
     * link there is judged by what it points to.
     */
    public static void requirePrivate(Path path, Map<String, String> environment, String why) {
        String credentials = environment.get("CREDENTIALS_DIRECTORY");
        try {
            boolean isCredential = credentials != null
                    && path.toRealPath().startsWith(Path.of(credentials).toRealPath());
            if (!isCredential && isOpenToOthers(path)) {
                throw new BadSetting(path + " can be read or written by others, and " + why + "; run: chmod "
                        + (Files.isDirectory(path) ? "700 " : "600 ") + path);
            }
        } catch (IOException e) {
            throw new BadSetting(path + ": its mode cannot be read; check that it exists and who owns it");
        }
    }

    /** Whether group or world can read or write it; a link is judged by what it points to. */
    public static boolean isOpenToOthers(Path path) throws IOException {
        return Files.getPosixFilePermissions(path).stream().anyMatch(OTHERS::contains);
    }
}
