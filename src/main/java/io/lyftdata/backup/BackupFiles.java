package io.lyftdata.backup;

import io.lyftdata.archive.BadBackup;
import io.lyftdata.archive.Signed;
import io.lyftdata.crypto.Digests;
import io.lyftdata.crypto.SecretFile;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A directory with sealed archives: a file is under its name whole and on disk, mode 0600, or not at all. */
public record BackupFiles(Path directory) {
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("uuuuMMdd'T'HHmmss'Z'");
    private static final Pattern NAME = Pattern.compile("lyftdata-(\\d{8}T\\d{6}Z)(-\\d{1,3})?\\.tar\\.age");
    private static final String PARTIAL = ".partial";
    private static final int BUFFER = 1 << 16;

    /** A file that is complete and has no name yet. */
    public record Partial(Path path, long size, String sha256) {}

    static boolean isName(String name) {
        return NAME.matcher(name).matches();
    }

    /** When the backup of that name was made, to the second. */
    static Instant time(String name) {
        Matcher parts = NAME.matcher(name);
        if (!parts.matches()) {
            throw new IllegalArgumentException("no backup is called so");
        }
        return LocalDateTime.parse(parts.group(1), TIME).toInstant(ZoneOffset.UTC);
    }

    /** A name for a new backup. */
    String newName(Instant now) {
        String stem = "lyftdata-" + TIME.format(now.atOffset(ZoneOffset.UTC));
        String name = stem + ".tar.age";
        for (int i = 2; Files.exists(path(name)); i++) {
            name = stem + "-" + i + ".tar.age";
        }
        return name;
    }

    public Path path(String name) {
        return directory.resolve(name);
    }

    /** -1 when it is not there. */
    long size(String name) {
        try {
            return Files.size(path(name));
        } catch (IOException e) {
            return -1;
        }
    }

    /** What lies beside a backup; empty when there is none for it that the key of this fingerprint signed. */
    Optional<Label> label(String name, String signer) {
        try {
            return Optional.of(Signed.parse(Files.readString(path(name + Label.SUFFIX))))
                    .filter(signed -> signed.signer().equals(signer))
                    .map(signed -> signed.content(Label.class))
                    .filter(label -> Label.PURPOSE.equals(label.purpose()) && name.equals(label.name()));
        } catch (IOException | BadBackup e) {
            return Optional.empty();
        }
    }

    /** Newest first; none when the directory is missing. */
    List<String> names() throws IOException {
        List<String> names = new ArrayList<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
            for (Path file : files) {
                String name = file.getFileName().toString();
                if (isName(name) && Files.isRegularFile(file)) {
                    names.add(name);
                }
            }
        } catch (NoSuchFileException e) {
            return List.of();
        }
        names.sort(Collections.reverseOrder());
        return names;
    }

    /** Writes a file that has no name yet; {@link #clear} removes it if its own begins with {@code lyftdata-}. */
    public Partial write(String name, SecretFile.Content content) throws IOException {
        Path path = directory.resolve("." + name + PARTIAL);
        MessageDigest digest = Digests.newSha256();
        SecretFile.write(path, out -> content.writeTo(new StaysOpen(new DigestOutputStream(out, digest))));
        return new Partial(path, Files.size(path), HexFormat.of().formatHex(digest.digest()));
    }

    /** Gives it its name. */
    public void place(Partial partial, String name) throws IOException {
        Files.move(partial.path(), path(name), StandardCopyOption.ATOMIC_MOVE);
        SecretFile.syncDirectory(directory);
    }

    void writeLabel(String name, String text) throws IOException {
        SecretFile.write(path(name + Label.SUFFIX), text);
    }

    /**
     * Copies a backup into this directory, reads the copy again, and gives it its name when it is the same.
     *
     * @throws IOException when the directory is missing or full, or the copy is another
     */
    void copyFrom(BackupFiles other, String name, String sha256) throws IOException {
        if (!Files.isDirectory(directory)) {
            throw new NoSuchFileException(directory.toString());
        }
        Partial copy = write(name, out -> Files.copy(other.path(name), out));
        if (!sha256(copy.path()).equals(sha256)) {
            Files.delete(copy.path());
            throw new IOException("what was read back differs from what was written");
        }
        writeLabel(name, Files.readString(other.path(name + Label.SUFFIX)));
        place(copy, name);
    }

    static String sha256(Path file) throws IOException {
        MessageDigest digest = Digests.newSha256();
        byte[] buffer = new byte[BUFFER];
        try (InputStream in = Files.newInputStream(file)) {
            for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                digest.update(buffer, 0, count);
            }
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    /** With what lies beside it; whether it was there. */
    boolean delete(String name) throws IOException {
        Files.deleteIfExists(path(name + Label.SUFFIX));
        return Files.deleteIfExists(path(name));
    }

    /** Removes what a crash left unfinished. */
    public void clear() throws IOException {
        if (Files.isDirectory(directory)) {
            try (DirectoryStream<Path> files = Files.newDirectoryStream(directory, ".lyftdata-*")) {
                for (Path file : files) {
                    SecretFile.deleteTree(file);
                }
            }
        }
    }

    /** Whoever writes an archive closes it, but here more is to be done with the file. */
    private static final class StaysOpen extends FilterOutputStream {
        private StaysOpen(OutputStream out) {
            super(out);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            out.write(bytes, offset, length);
        }

        @Override
        public void close() throws IOException {
            flush();
        }
    }
}
