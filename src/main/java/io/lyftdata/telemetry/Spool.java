package io.lyftdata.telemetry;

import io.lyftdata.crypto.Digests;
import io.lyftdata.crypto.Randomness;
import io.lyftdata.crypto.SecretFile;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Deque;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Batches on disk that wait for the server, oldest first. A batch and the state of its maker (how far the followed
 * files are read) are one file, written whole or not at all, so that neither is ever newer than the other. Each file
 * begins with its SHA-256; a damaged one is set aside as {@code .bad} and costs its own lines at most. For use by one
 * thread.
 */
public final class Spool {
    public static final long DEFAULT_BYTES = 64L << 20;

    private static final Logger LOG = LoggerFactory.getLogger(Spool.class);
    private static final Pattern NAME = Pattern.compile("(\\d{16})-([0-9a-f]{32})\\.batch");
    private static final int MAX_SET_ASIDE = 4;

    private final Path directory;
    private final Path acknowledged;
    private final long limit;
    private final Deque<Entry> entries = new ArrayDeque<>();
    private long next = 1;
    private long bytes;
    private String state = "";

    private record Entry(Path file, long number, String id, long size) {}

    @SuppressWarnings("ArrayRecordComponent") // Passed on, never compared.
    private record Content(String state, byte[] body) {}

    /** @param body gzipped NDJSON */
    @SuppressWarnings("ArrayRecordComponent") // Passed on, never compared.
    record Batch(String id, byte[] body) {}

    /**
     * @param limit bytes; the last batch may go beyond it
     * @throws IOException when the directory cannot be made or read
     */
    public Spool(Path directory, long limit) throws IOException {
        this.directory = directory;
        this.acknowledged = directory.resolve("acknowledged");
        this.limit = limit;
        SecretFile.createDirectory(directory);
        load();
    }

    private void load() throws IOException {
        List<Path> files = new ArrayList<>();
        try (DirectoryStream<Path> stream = Files.newDirectoryStream(directory)) {
            stream.forEach(files::add);
        }
        Collections.sort(files);
        for (Path file : files) {
            Matcher name = NAME.matcher(file.getFileName().toString());
            if (name.matches()) {
                enter(new Entry(file, Long.parseLong(name.group(1)), name.group(2), Files.size(file)));
            } else if (file.toString().endsWith(".tmp")) {
                Files.delete(file);
            }
        }
        // The newest state that is whole: a damaged newest batch was never sent, so its lines are read again.
        while (!entries.isEmpty() && state.isEmpty()) {
            Optional<Content> newest = read(entries.getLast().file());
            state = newest.map(Content::state).orElse("");
            if (newest.isEmpty()) {
                forget(entries.removeLast());
            }
        }
        if (state.isEmpty() && Files.exists(acknowledged)) {
            state = read(acknowledged).map(Content::state).orElse("");
        }
    }

    private void enter(Entry entry) {
        entries.addLast(entry);
        bytes += entry.size();
        next = entry.number() + 1;
    }

    private void forget(Entry entry) {
        bytes -= entry.size();
    }

    /** The state that came with the newest batch; empty at first. */
    String state() {
        return state;
    }

    boolean isFull() {
        return bytes >= limit;
    }

    boolean isEmpty() {
        return entries.isEmpty();
    }

    /** On return batch and state are on disk; or an exception, and the old state holds. */
    void append(String newState, byte[] body) throws IOException {
        String id = Randomness.hex(128);
        Path file = directory.resolve(String.format("%016d-%s.batch", next, id));
        byte[] content = content(newState, body);
        SecretFile.write(file, content);
        enter(new Entry(file, next, id, content.length));
        state = newState;
    }

    /** Whether this state is on disk; writes it unless a batch waits, whose state would be taken for newer. */
    boolean keep(String newState) throws IOException {
        if (entries.isEmpty() && !newState.equals(state)) {
            SecretFile.write(acknowledged, content(newState, new byte[0]));
            state = newState;
        }
        return newState.equals(state);
    }

    /** The oldest batch that is whole; damaged ones before it are set aside. */
    Optional<Batch> oldest() throws IOException {
        while (!entries.isEmpty()) {
            Entry entry = entries.getFirst();
            Optional<Content> content = read(entry.file());
            if (content.isPresent()) {
                return Optional.of(new Batch(entry.id(), content.get().body()));
            }
            forget(entries.removeFirst());
        }
        return Optional.empty();
    }

    /** The server has the oldest batch: it goes, and what it says of the files' positions stays. */
    void removeOldest() throws IOException {
        keepStateOfTheLast();
        // Not synced: if it comes back after a power cut, it is sent again under its old id.
        Files.deleteIfExists(entries.getFirst().file());
        forget(entries.removeFirst());
    }

    /** The server will never take the oldest batch: it is put out of the way, so that the others can go. */
    void setOldestAside() throws IOException {
        keepStateOfTheLast();
        setAside(entries.getFirst().file());
        forget(entries.removeFirst());
    }

    /** While another batch waits, that one has the state. */
    private void keepStateOfTheLast() throws IOException {
        if (entries.size() == 1) {
            SecretFile.write(acknowledged, content(state, new byte[0]));
        }
    }

    /** Empty when the file is damaged; then it has been set aside. */
    private Optional<Content> read(Path file) throws IOException {
        byte[] all;
        try {
            all = Files.readAllBytes(file);
        } catch (NoSuchFileException e) {
            LOG.warn("{} has vanished from the spool: its lines are lost", file.getFileName());
            return Optional.empty();
        }
        int sum = find(all, 0);
        int header = find(all, sum + 1);
        if (sum > 0 && header > 0 && digest(all, sum + 1).equals(new String(all, 0, sum, StandardCharsets.US_ASCII))) {
            return Optional.of(new Content(
                    new String(all, sum + 1, header - sum - 1, StandardCharsets.UTF_8),
                    Arrays.copyOfRange(all, header + 1, all.length)));
        }
        LOG.warn("{} in the spool is damaged: set aside as .bad", file.getFileName());
        setAside(file);
        return Optional.empty();
    }

    private void setAside(Path file) throws IOException {
        Path aside = file.resolveSibling(file.getFileName() + ".bad");
        Files.move(file, aside, StandardCopyOption.REPLACE_EXISTING);
        List<Path> all = new ArrayList<>();
        try (DirectoryStream<Path> stream = Files.newDirectoryStream(directory, "*.bad")) {
            stream.forEach(all::add);
        }
        Collections.sort(all);
        for (Iterator<Path> old = all.iterator(); all.size() > MAX_SET_ASIDE && old.hasNext(); ) {
            Files.deleteIfExists(old.next());
            old.remove();
        }
    }

    private static byte[] content(String state, byte[] body) {
        ByteArrayOutputStream summed = new ByteArrayOutputStream();
        summed.writeBytes(state.getBytes(StandardCharsets.UTF_8));
        summed.write('\n');
        summed.writeBytes(body);
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        all.writeBytes(digest(summed.toByteArray(), 0).getBytes(StandardCharsets.US_ASCII));
        all.write('\n');
        all.writeBytes(summed.toByteArray());
        return all.toByteArray();
    }

    private static String digest(byte[] bytes, int from) {
        return HexFormat.of().formatHex(Digests.sha256(Arrays.copyOfRange(bytes, from, bytes.length)));
    }

    /** Where the line that begins there ends; -1 when it does not. */
    private static int find(byte[] bytes, int from) {
        for (int i = from; i < bytes.length; i++) {
            if (bytes[i] == '\n') {
                return i;
            }
        }
        return -1;
    }
}
