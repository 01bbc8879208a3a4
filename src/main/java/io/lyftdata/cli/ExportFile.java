package io.lyftdata.cli;

import io.lyftdata.api.audit.Place;
import io.lyftdata.crypto.ChainLink;
import io.lyftdata.crypto.SecretFile;
import io.lyftdata.terminal.CommandFailure;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * A file of exported records, only its owner's, which grows by whole lines: what a crash cut off at its end is dropped
 * and exported again. One command at a time holds it. For one thread.
 */
final class ExportFile implements AutoCloseable {
    private static final int BLOCK = 1 << 16;

    private final Path path;
    private final RandomAccessFile file;

    private ExportFile(Path path, RandomAccessFile file) {
        this.path = path;
        this.file = file;
    }

    /** @throws CommandFailure when another command holds it, or it ends with something else than a record */
    static ExportFile open(Path path) throws IOException {
        SecretFile.createEmpty(path);
        RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw");
        try {
            if (file.getChannel().tryLock() == null) {
                throw new OverlappingFileLockException();
            }
        } catch (OverlappingFileLockException e) {
            file.close();
            throw new CommandFailure("another export writes " + path + ": wait until it has ended");
        }
        ExportFile export = new ExportFile(path, file);
        file.setLength(export.lineEnd(file.length()));
        return export;
    }

    /** Position of its first record; empty for a file without records. */
    Optional<Long> first() throws IOException {
        if (file.length() == 0) {
            return Optional.empty();
        }
        file.seek(0);
        return Optional.of(link(file.readLine()).position());
    }

    /** Its last record; empty for a file without records. */
    Optional<Place> last() throws IOException {
        long end = file.length();
        if (end == 0) {
            return Optional.empty();
        }
        long begin = lineEnd(end - 1);
        byte[] line = new byte[Math.toIntExact(end - 1 - begin)];
        file.seek(begin);
        file.readFully(line);
        ChainLink link = link(new String(line, StandardCharsets.UTF_8));
        return Optional.of(new Place(link.position(), link.hash()));
    }

    private ChainLink link(String line) {
        return ChainLink.of(line)
                .orElseThrow(() -> new CommandFailure(
                        path + " holds something else than exported records: give another file, or move it away"));
    }

    /** Behind the last line end before that place; 0: there is none. */
    private long lineEnd(long before) throws IOException {
        byte[] block = new byte[BLOCK];
        for (long end = before; end > 0; ) {
            int length = (int) Math.min(BLOCK, end);
            file.seek(end - length);
            file.readFully(block, 0, length);
            for (int i = length - 1; i >= 0; i--) {
                if (block[i] == '\n') {
                    return end - length + i + 1;
                }
            }
            end -= length;
        }
        return 0;
    }

    /** On return the lines are on disk. */
    void append(List<String> lines) throws IOException {
        file.seek(file.length());
        file.write((String.join("\n", lines) + "\n").getBytes(StandardCharsets.UTF_8));
        file.getFD().sync();
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
