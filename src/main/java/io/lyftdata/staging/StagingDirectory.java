package io.lyftdata.staging;

import io.lyftdata.config.BadSetting;
import io.lyftdata.config.PrivateFiles;
import io.lyftdata.crypto.Randomness;
import io.lyftdata.crypto.SecretFile;
import io.lyftdata.crypto.SigningKey;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;

/** The server's only state: private to its owner, and held by one server at a time. */
public final class StagingDirectory implements AutoCloseable {
    private final Path root;
    private final FileChannel lockFile;
    private final Map<String, String> environment;

    private StagingDirectory(Path root, FileChannel lockFile, Map<String, String> environment) {
        this.root = root;
        this.lockFile = lockFile;
        this.environment = Map.copyOf(environment);
    }

    /**
     * Makes the directory when it is missing, and holds it until close.
     *
     * @param given may begin with {@code ~}
     * @throws BadSetting when it is open to others, not writable, or another server holds it
     */
    public static StagingDirectory open(Path given, Map<String, String> environment) {
        Path root = inHome(given, environment);
        try {
            SecretFile.createDirectory(root);
            PrivateFiles.requirePrivate(root, environment, "it holds the server's secrets");
            SecretFile.createDirectory(root.resolve("logs"));
            SecretFile.createDirectory(root.resolve("telemetry"));
            StagingDirectory staging = new StagingDirectory(root, lock(root), environment);
            staging.clearNative();
            return staging;
        } catch (FileSystemException e) {
            throw new BadSetting(
                    "staging-dir: " + root + " cannot be written by this user; check its owner, mode and disk");
        } catch (IOException e) {
            throw new BadSetting("staging-dir: " + root + " cannot be used; is the disk full or read-only?");
        }
    }

    /** As a shell reads it; the account's home counts only where {@code HOME} is not set. */
    private static Path inHome(Path path, Map<String, String> environment) {
        String home = environment.getOrDefault("HOME", System.getProperty("user.home"));
        return path.startsWith("~") ? Path.of(home).resolve(Path.of("~").relativize(path)) : path;
    }

    /** Libraries are unpacked anew at each start; a killed server leaves its own behind. */
    private void clearNative() throws IOException {
        Path directory = path("native");
        SecretFile.createDirectory(directory);
        try (var files = Files.newDirectoryStream(directory)) {
            for (Path file : files) {
                Files.delete(file);
            }
        }
    }

    private static FileChannel lock(Path root) throws IOException {
        Path file = root.resolve("lock");
        SecretFile.createEmpty(file);
        FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE);
        FileLock lock = tryLock(channel);
        if (lock == null) {
            channel.close();
            throw new BadSetting("staging-dir: another lyftdata server runs on " + root + "; stop it first");
        }
        return channel;
    }

    private static FileLock tryLock(FileChannel channel) throws IOException {
        try {
            return channel.tryLock();
        } catch (OverlappingFileLockException e) {
            return null;
        }
    }

    public Path path(String name) {
        return root.resolve(name);
    }

    /** Of the process that holds it. */
    public Map<String, String> environment() {
        return environment;
    }

    /** Refuses secret files that others can read. */
    public void refuseOpenSecrets(Map<String, String> environment) {
        for (String name : new String[] {
            "control.db",
            "installation",
            "signing.key",
            "ledger",
            "admin-password",
            "tls/ca.key",
            "tls/ca.key.other",
            "tls/server.key",
            "tls/server.key.old"
        }) {
            Path file = path(name);
            if (Files.exists(file)) {
                PrivateFiles.requirePrivate(file, environment, "it is a secret of the server");
            }
        }
    }

    /** This installation's signing key, made before {@link #installation()} on the first start and never again. */
    public SigningKey signingKey() throws IOException {
        Path file = path("signing.key");
        if (Files.exists(path("installation")) && !Files.exists(file)) {
            throw new BadSetting(file + " is missing; restore it from a backup, for what it signed counts by it alone");
        }
        return SigningKey.open(file);
    }

    /** The random id of this installation, made on the first start. */
    public String installation() throws IOException {
        Path file = path("installation");
        var known = SecretFile.read(file);
        if (known.isPresent()) {
            return known.get().strip();
        }
        String made = Randomness.hex(128);
        SecretFile.write(file, made + "\n");
        return made;
    }

    @Override
    public void close() throws IOException {
        lockFile.close();
    }
}
