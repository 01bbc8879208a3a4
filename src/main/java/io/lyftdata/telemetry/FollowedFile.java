package io.lyftdata.telemetry;

import io.lyftdata.telemetry.OpenFile.Generation;
import io.lyftdata.telemetry.OpenFile.Lines;
import io.lyftdata.telemetry.OpenFile.Position;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Clock;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One path, followed by name as {@code tail -F} does, but without a gap: a file that was renamed away is read to its
 * end, then the rotated files that came between ({@code NAME.1}, {@code NAME-20261123}, …, not compressed ones), then
 * the new one; when a file was cut in place, its copy is read on. A last line without its end waits, unread, until
 * the end comes or the file has been replaced. After an exception the position is still right. For use by one thread.
 */
final class FollowedFile implements Closeable {
    private static final Logger LOG = LoggerFactory.getLogger(FollowedFile.class);

    private final Path path;
    private final Pattern rotated;
    private final Clock clock;
    private final List<Generation> handled;
    /** The file being read, then those to read after it; the last one is what was last seen at the path. */
    private final Deque<OpenFile> chain = new ArrayDeque<>();

    private Position saved;
    private boolean waiting;
    private Object seen;

    /** @param saved null: never followed before; then what lies at the path is read from its beginning */
    FollowedFile(Path file, Position saved, Clock clock) {
        this.path = file.toAbsolutePath();
        this.rotated =
                Pattern.compile(Pattern.quote(path.getFileName().toString()) + "[.-](?:\\d[\\dT_.:-]*Z?|old|bak)");
        this.clock = clock;
        this.saved = saved;
        this.handled = new ArrayList<>(saved == null ? List.of() : saved.handled());
    }

    /** Null as long as nothing is known: before the first reading of a path that was never followed. */
    Position position() throws IOException {
        if (!chain.isEmpty() || saved == null) {
            return saved == null ? null : position(chain.getFirst());
        }
        return new Position(saved.at(), saved.offset(), saved.cut(), List.copyOf(handled));
    }

    private Position position(OpenFile file) throws IOException {
        return new Position(file.generation(), file.offset(), file.isCut(), List.copyOf(handled));
    }

    /**
     * Hands over new whole lines; costs one {@code stat} when there is nothing new.
     *
     * @param budget about how many bytes to read at most; more than the longest line
     * @return whether more may be there
     */
    boolean read(int budget, Lines lines) throws IOException {
        if (saved == null) {
            saved = new Position(null, 0, false, allHandled());
        }
        look();
        long left = budget;
        while (!chain.isEmpty()) {
            OpenFile head = chain.getFirst();
            left = head.read(left, lines);
            if (left <= 0) {
                return true;
            }
            if (chain.size() == 1 || head.mayStillGrow()) {
                return false;
            }
            boolean goOn = head.readRest(lines);
            handled.add(head.wholeGeneration());
            chain.removeFirst().close();
            if (!goOn) {
                return true;
            }
        }
        return false;
    }

    @Override
    public void close() throws IOException {
        while (!chain.isEmpty()) {
            chain.removeFirst().close();
        }
    }

    /** What was rotated before the path was ever followed is history. */
    private List<Generation> allHandled() throws IOException {
        handled.clear();
        List<OpenFile> history = new ArrayList<>();
        try {
            openUnknown(history);
            for (OpenFile old : history) {
                handled.add(old.wholeGeneration());
            }
        } finally {
            closeAll(history);
        }
        return List.copyOf(handled);
    }

    private record Seen(String key, long size, Object changed) {}

    private void look() throws IOException {
        BasicFileAttributes now;
        try {
            now = Files.readAttributes(path, BasicFileAttributes.class);
        } catch (NoSuchFileException e) {
            OpenFile tail = chain.peekLast();
            if (tail == null ? !waiting : (tail.offset() == 0 && tail.size() > 0) || !tail.isIntact()) {
                arrange();
            }
            if (chain.isEmpty() && !waiting) {
                LOG.info("{} is not there yet: waiting for it", path);
                waiting = true;
            }
            return;
        }
        if (!now.isRegularFile()) {
            throw new FileSystemException(path.toString(), null, "no regular file");
        }
        Seen next = new Seen(OpenFile.key(now), now.size(), now.lastModifiedTime());
        if (!next.equals(seen)) {
            OpenFile tail = chain.peekLast();
            // A file of which nothing was read yet cannot be told from what it was before it was cut: look for copies.
            if (tail == null || !tail.key().equals(next.key()) || tail.offset() == 0 || !tail.isIntact()) {
                arrange();
            }
            seen = next;
        }
    }

    /** Another file is at the path, or another content: finds where to read on, and what comes after it. */
    private void arrange() throws IOException {
        List<OpenFile> opened = new ArrayList<>();
        try {
            openUnknown(opened);
            Optional<OpenFile> current = OpenFile.open(path, clock);
            if (current.isPresent()) {
                closeCopies(opened, current.get());
                opened.add(current.get());
            }
            arrange(opened, current.map(OpenFile::key).orElse(""));
        } catch (IOException e) {
            opened.removeAll(chain);
            closeAll(opened);
            throw e;
        }
    }

    private void arrange(List<OpenFile> opened, String current) throws IOException {
        OpenFile tail = chain.peekLast();
        Position from = tail == null ? saved : position(tail);
        if (tail != null && tail.isIntact() && (tail.offset() > 0 || !hasKey(opened, tail.key()))) {
            append(opened, current);
        } else {
            Optional<OpenFile> rest = rest(opened, from);
            if (tail != null) {
                saved = from;
                chain.removeLast().close();
            }
            if (rest.isPresent()) {
                rest.get().resume(from.at().print(), from.offset(), from.cut());
                chain.addLast(rest.get());
            } else if (from.offset() > 0) {
                LOG.info("{}: what was read before is gone or was cut; reading what is there now", path);
            }
            append(opened, current);
        }
        chain.stream().filter(file -> !file.key().equals(current)).forEach(OpenFile::replaced);
    }

    private static boolean hasKey(Collection<OpenFile> files, String key) {
        return files.stream().anyMatch(file -> file.key().equals(key));
    }

    /** While the content is still at the path, a copy of it needs no reading; it may, once the path has been cut. */
    private static void closeCopies(List<OpenFile> opened, OpenFile original) throws IOException {
        List<OpenFile> copies = new ArrayList<>();
        for (OpenFile file : opened) {
            if (file.size() > 0 && original.holds(file.wholeGeneration().print(), file.size())) {
                copies.add(file);
            }
        }
        closeAll(copies);
        opened.removeAll(copies);
    }

    private void append(List<OpenFile> opened, String current) throws IOException {
        List<OpenFile> more = new ArrayList<>();
        for (OpenFile file : opened) {
            if (!hasKey(chain, file.key())) {
                more.add(file);
            } else if (!chain.contains(file)) {
                file.close();
            }
        }
        if (!chain.isEmpty() && chain.getLast().key().equals(current)) {
            for (OpenFile file : more) {
                handled.add(file.wholeGeneration());
            }
            closeAll(more);
            return;
        }
        more.sort(Comparator.comparing((OpenFile file) -> file.key().equals(current))
                .thenComparing(OpenFile::changed));
        chain.addAll(more);
    }

    /** The file that has what was read so far: the same one, or else a copy of it. */
    private static Optional<OpenFile> rest(List<OpenFile> found, Position from) throws IOException {
        Optional<OpenFile> copy = Optional.empty();
        for (OpenFile file : from.offset() == 0 ? List.<OpenFile>of() : found) {
            if (file.holds(from.at().print(), from.offset())) {
                if (file.key().equals(from.at().key())) {
                    return Optional.of(file);
                }
                copy = copy.isEmpty() ? Optional.of(file) : copy;
            }
        }
        return copy;
    }

    /** Opens the rotated files that were never dealt with, and forgets those that were and are gone. */
    private void openUnknown(List<OpenFile> to) throws IOException {
        List<Generation> remaining = new ArrayList<>();
        for (Path sibling : siblings()) {
            Optional<OpenFile> file = open(sibling);
            Optional<Generation> known = file.isPresent() ? known(file.get()) : Optional.empty();
            if (known.isPresent()) {
                remaining.add(known.get());
                file.get().close();
            } else {
                file.ifPresent(to::add);
            }
        }
        handled.retainAll(remaining);
    }

    private Optional<Generation> known(OpenFile file) throws IOException {
        for (Generation generation : handled) {
            if (generation.key().equals(file.key())
                    && file.begins(generation.print())
                    && (generation.print().length() > 0 || file.size() == 0)) {
                return Optional.of(generation);
            }
        }
        return Optional.empty();
    }

    private Optional<OpenFile> open(Path sibling) throws IOException {
        try {
            return OpenFile.open(sibling, clock);
        } catch (AccessDeniedException e) {
            return Optional.empty();
        }
    }

    private List<Path> siblings() throws IOException {
        List<Path> siblings = new ArrayList<>();
        try (DirectoryStream<Path> all = Files.newDirectoryStream(
                path.getParent(),
                file -> rotated.matcher(file.getFileName().toString()).matches()
                        && Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS))) {
            all.forEach(siblings::add);
        } catch (NoSuchFileException | NotDirectoryException e) {
            return List.of();
        }
        return siblings;
    }

    private static void closeAll(List<OpenFile> files) throws IOException {
        for (OpenFile file : files) {
            file.close();
        }
    }
}
