package io.lyftdata.archive;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Reads what {@link TarWriter} wrote, and what tar makes of the same files: plain names and regular files. Links,
 * devices, directories, sparse files, long names and extended headers are refused, as no backup has them. For one
 * thread.
 */
final class TarReader {
    private static final int BLOCK = TarWriter.BLOCK;
    /** As much padding as any tar writes behind the end. */
    private static final int MOST_PADDING = 1 << 20;

    private static final Pattern OCTAL = Pattern.compile(" *([0-7]{1,11})[ \0]*");

    private final InputStream in;
    private long left;
    private long padding;

    /** A file's header. */
    record Entry(String name, long size) {}

    TarReader(InputStream in) {
        this.in = in;
    }

    /**
     * The next file; empty behind the last, when the archive has been read to its very end.
     *
     * @throws BadBackup when it holds anything but regular files, or is cut
     */
    Optional<Entry> next() throws IOException {
        if (left > 0) {
            throw new IllegalStateException("the file before has not been read");
        }
        block((int) padding);
        byte[] header = block(BLOCK);
        if (isZero(header)) {
            readToEnd();
            return Optional.empty();
        }
        Entry entry = parse(header);
        left = entry.size();
        padding = (BLOCK - left % BLOCK) % BLOCK;
        return Optional.of(entry);
    }

    /** The present file's next bytes; -1 behind its last. */
    int read(byte[] buffer) throws IOException {
        if (left == 0) {
            return -1;
        }
        int count = in.read(buffer, 0, (int) Math.min(buffer.length, left));
        if (count < 0) {
            throw cut();
        }
        left -= count;
        return count;
    }

    private static Entry parse(byte[] header) {
        if (octal(header, 148, 8) != TarWriter.sum(header)
                || !text(header, 257, 5).equals("ustar")) {
            throw new BadBackup("its archive is damaged");
        }
        boolean isRegular = header[156] == '0' || header[156] == 0;
        if (!isRegular || header[157] != 0 || header[345] != 0) {
            throw new BadBackup("its archive holds something other than plain files, so no LyftData server wrote it");
        }
        return new Entry(text(header, 0, 100), size(header));
    }

    private static long size(byte[] header) {
        if ((header[124] & 0xff) != 0x80) {
            return octal(header, 124, 12);
        }
        long size = 0;
        for (int i = 125; i < 136; i++) {
            if (size >>> 55 != 0) {
                throw new BadBackup("its archive is damaged");
            }
            size = (size << 8) | (header[i] & 0xff);
        }
        return size;
    }

    private static long octal(byte[] header, int at, int length) {
        var digits = OCTAL.matcher(new String(header, at, length, StandardCharsets.ISO_8859_1));
        if (!digits.matches()) {
            throw new BadBackup("its archive is damaged");
        }
        return Long.parseLong(digits.group(1), 8);
    }

    private static String text(byte[] header, int at, int length) {
        int end = at;
        while (end < at + length && header[end] != 0) {
            end++;
        }
        return new String(header, at, end - at, StandardCharsets.ISO_8859_1);
    }

    private byte[] block(int length) throws IOException {
        byte[] block = in.readNBytes(length);
        if (block.length < length) {
            throw cut();
        }
        return block;
    }

    /** Behind it is nothing but zeros, and the envelope's own end, without which it may be cut. */
    private void readToEnd() throws IOException {
        byte[] rest = in.readNBytes(MOST_PADDING);
        if (rest.length < BLOCK || !isZero(rest) || in.read() >= 0) {
            throw new BadBackup("its archive does not end where it should");
        }
    }

    private static boolean isZero(byte[] bytes) {
        for (byte some : bytes) {
            if (some != 0) {
                return false;
            }
        }
        return true;
    }

    private static BadBackup cut() {
        return new BadBackup("its archive is cut off");
    }
}
