package io.lyftdata.telemetry;

import io.lyftdata.crypto.Digests;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * An open log file, whatever its name is by now, and how far it has been read: its offset moves from line end to line
 * end, always before the line is handed over. For use by one thread.
 */
final class OpenFile implements Closeable {
    static final int MAX_LINE_BYTES = 256 * 1024;

    private static final Duration LINGER = Duration.ofSeconds(2);
    private static final int BLOCK = 65536;
    private static final Pattern INODE = Pattern.compile("ino=(\\d+)");

    private final FileChannel channel;
    private final String key;
    private final FileTime changed;
    private final Clock clock;
    private long offset;
    private boolean cut;
    private Print print = Print.NONE;
    private long end = -1;
    /** When its name was found taken, or when it grew after that; null while it has its name. */
    private Instant touched;

    private byte[] begun = new byte[0];
    private int begunLength;

    /** Takes a line's bytes (without LF); false: no more now. */
    interface Lines {
        boolean add(byte[] bytes, int length, boolean truncated) throws IOException;
    }

    /** The first bytes of a file, at most 1,024, so that an inode that is used again is told from the file before. */
    record Print(int length, String hash) {
        static final Print NONE = new Print(0, "");
        static final int MAX = 1024;

        private static Print of(FileChannel channel, long length) throws IOException {
            ByteBuffer bytes = ByteBuffer.allocate((int) Math.min(MAX, length));
            while (bytes.hasRemaining() && channel.read(bytes, bytes.position()) > 0) {
                // A read may bring less than asked for.
            }
            byte[] read = Arrays.copyOf(bytes.array(), bytes.position());
            return read.length == 0
                    ? NONE
                    : new Print(read.length, HexFormat.of().formatHex(Digests.sha256(read)));
        }
    }

    /** A file told from all others, also from those that get its inode later. */
    record Generation(String key, Print print) {}

    /**
     * How far a path has been read: what a restart needs.
     *
     * @param at the file being read; null before there was any
     * @param cut whether the offset is within a line whose beginning has been handed over
     * @param handled rotated files that need no reading
     */
    record Position(Generation at, long offset, boolean cut, List<Generation> handled) {}

    private OpenFile(FileChannel channel, BasicFileAttributes attributes, Clock clock) {
        this.channel = channel;
        this.key = key(attributes);
        this.changed = attributes.lastModifiedTime();
        this.clock = clock;
    }

    /** Empty when there is no such regular file. */
    static Optional<OpenFile> open(Path file, Clock clock) throws IOException {
        try {
            BasicFileAttributes before = Files.readAttributes(file, BasicFileAttributes.class);
            if (!before.isRegularFile()) {
                return Optional.empty();
            }
            FileChannel channel = FileChannel.open(file, StandardOpenOption.READ);
            try {
                BasicFileAttributes after = Files.readAttributes(file, BasicFileAttributes.class);
                if (key(before).equals(key(after))) {
                    return Optional.of(new OpenFile(channel, after, clock));
                }
            } catch (IOException e) {
                channel.close();
                throw e;
            }
            channel.close();
            return open(file, clock);
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
    }

    /** The inode without the device, whose number may be another one after a reboot. */
    static String key(BasicFileAttributes attributes) {
        String key = String.valueOf(attributes.fileKey());
        Matcher inode = INODE.matcher(key);
        return inode.find() ? inode.group(1) : key;
    }

    String key() {
        return key;
    }

    /** When it was last written, as of the opening. */
    FileTime changed() {
        return changed;
    }

    long offset() {
        return offset;
    }

    boolean isCut() {
        return cut;
    }

    /** By the bytes that have been read. */
    Generation generation() throws IOException {
        remember();
        return new Generation(key, print);
    }

    /** To be done right after reading: later the beginning may be another one. */
    private void remember() throws IOException {
        if (print.length() < Math.min(Print.MAX, offset)) {
            print = Print.of(channel, offset);
        }
    }

    /** Whether it still has what was read of it. */
    boolean isIntact() throws IOException {
        return holds(print, offset);
    }

    /** By all that is there. */
    Generation wholeGeneration() throws IOException {
        return new Generation(key, Print.of(channel, Print.MAX));
    }

    /** Whether this file has the bytes that were read so far. */
    boolean holds(Print read, long length) throws IOException {
        return channel.size() >= length && begins(read);
    }

    boolean begins(Print with) throws IOException {
        return with.length() == 0 || with.equals(Print.of(channel, with.length()));
    }

    long size() throws IOException {
        return channel.size();
    }

    void resume(Print read, long at, boolean withinCutLine) {
        print = read;
        offset = at;
        cut = withinCutLine;
        end = -1;
    }

    /** Another file has its name now; whoever writes to it may not have noticed. */
    void replaced() {
        if (touched == null) {
            touched = clock.instant();
        }
    }

    boolean mayStillGrow() {
        return touched != null
                && Duration.between(touched, clock.instant()).abs().compareTo(LINGER) < 0;
    }

    /** Hands over whole lines; what is left of the budget, 0 when it or the taker ended the reading. */
    long read(long budget, Lines lines) throws IOException {
        long left = budget;
        if (channel.size() == end) {
            return left;
        }
        long at = offset;
        begunLength = 0;
        begun = begun.length > BLOCK ? new byte[0] : begun;
        ByteBuffer block = ByteBuffer.allocate(BLOCK);
        boolean goOn = true;
        while (left > 0 && goOn) {
            block.clear();
            int count = channel.read(block, at);
            if (count <= 0) {
                end = at;
                break;
            }
            goOn = take(block.array(), count, at, lines);
            at += count;
            left -= count;
            touched = touched == null || end < 0 ? touched : clock.instant();
        }
        remember();
        return goOn ? Math.max(left, 0) : 0;
    }

    /** Hands over what stands behind the last line end of a file that will not grow. */
    boolean readRest(Lines lines) throws IOException {
        long size = channel.size();
        boolean text = begunLength > 0 && !cut && offset < size;
        offset = size;
        cut = false;
        return !text || lines.add(begun, begunLength, false);
    }

    private boolean take(byte[] bytes, int count, long at, Lines lines) throws IOException {
        int start = 0;
        for (int i = 0; i < count; i++) {
            if (bytes[i] == '\n') {
                append(bytes, start, i);
                start = i + 1;
                offset = at + start;
                boolean skipped = cut;
                int length = begunLength;
                cut = false;
                begunLength = 0;
                if (!skipped && !lines.add(begun, Math.min(length, MAX_LINE_BYTES), length > MAX_LINE_BYTES)) {
                    return false;
                }
            }
        }
        append(bytes, start, count);
        if (cut) {
            offset = at + count;
        } else if (begunLength > MAX_LINE_BYTES) {
            offset = at + count;
            cut = true;
            begunLength = 0;
            return lines.add(begun, MAX_LINE_BYTES, true);
        }
        return true;
    }

    private void append(byte[] bytes, int from, int to) {
        if (cut) {
            return;
        }
        int length = to - from;
        if (begun.length < begunLength + length) {
            begun = Arrays.copyOf(begun, Math.max(begunLength + length, 2 * begun.length));
        }
        System.arraycopy(bytes, from, begun, begunLength, length);
        begunLength += length;
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
