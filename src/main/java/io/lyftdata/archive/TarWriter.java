package io.lyftdata.archive;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

/** Writes regular files as POSIX ustar, mode 0600, so that every tar reads them. For one thread. */
final class TarWriter implements Closeable {
    static final int BLOCK = 512;
    /** Above this a size does not fit eleven octal digits; GNU tar and all others of today read it in base 256. */
    private static final long LARGEST_OCTAL = (1L << 33) - 1;

    private final OutputStream out;

    TarWriter(OutputStream out) {
        this.out = out;
    }

    /**
     * Adds a file.
     *
     * @param size how many bytes the content has
     * @param time in epoch seconds
     */
    void add(String name, long size, long time, InputStream content) throws IOException {
        out.write(header(name, size, time));
        long written = content.transferTo(out);
        if (written != size) {
            throw new IOException(name + " changed while it was read");
        }
        out.write(new byte[(int) ((BLOCK - size % BLOCK) % BLOCK)]);
    }

    static byte[] header(String name, long size, long time) {
        byte[] header = new byte[BLOCK];
        text(header, 0, 100, name);
        text(header, 100, 8, "0000600");
        text(header, 108, 8, "0000000");
        text(header, 116, 8, "0000000");
        if (size <= LARGEST_OCTAL) {
            text(header, 124, 12, String.format("%011o", size));
        } else {
            header[124] = (byte) 0x80;
            for (int i = 0; i < 8; i++) {
                header[135 - i] = (byte) (size >>> (8 * i));
            }
        }
        text(header, 136, 12, String.format("%011o", time));
        header[156] = '0';
        text(header, 257, 6, "ustar");
        text(header, 263, 2, "00");
        text(header, 148, 8, String.format("%06o", sum(header)));
        header[155] = ' ';
        return header;
    }

    /** Of all bytes, those of the sum itself taken as spaces. */
    static int sum(byte[] header) {
        int sum = 0;
        for (int i = 0; i < BLOCK; i++) {
            sum += i >= 148 && i < 156 ? ' ' : header[i] & 0xff;
        }
        return sum;
    }

    private static void text(byte[] header, int at, int length, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
        if (bytes.length > length) {
            throw new IllegalArgumentException("too long for a tar header: " + text);
        }
        System.arraycopy(bytes, 0, header, at, bytes.length);
    }

    /** Ends the archive and closes what it was written to. */
    @Override
    public void close() throws IOException {
        try (out) {
            out.write(new byte[2 * BLOCK]);
        }
    }
}
