package io.lyftdata.logs;

import io.lyftdata.api.Code;
import io.lyftdata.api.LogLine;
import io.lyftdata.api.Refusal;
import io.lyftdata.api.Times;
import io.lyftdata.logs.DayFile.Chunk;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.zip.Deflater;
import java.util.zip.GZIPOutputStream;

/**
 * Turns a batch of NDJSON lines into a chunk. A line that breaks the rules refuses the whole batch, by its number; what
 * a worker cannot help does not: broken UTF-8 is replaced, long text is cut, an unknown level counts as info, and a
 * time that cannot be (before 1970, or more than 10 minutes ahead of the server) gives way to the time of arrival and
 * stays beside it as {@code claimedTime}.
 */
final class BatchParser {
    static final int MAX_BYTES = 8 << 20;
    static final int MAX_LINES = 10_000;
    static final int MAX_MESSAGE = 256 << 10;
    static final Duration MAX_AHEAD = Duration.ofMinutes(10);
    private static final int MAX_SOURCE = 4096;

    private final byte[] batch;
    private final Instant arrival;
    private final Instant latest;
    private final LineParser parser = new LineParser();
    private final ByteArrayOutputStream lines;
    private int count;
    private Level topLevel = Level.TRACE;
    private long firstAt = Long.MAX_VALUE;
    private long lastAt = Long.MIN_VALUE;

    private BatchParser(byte[] batch, Instant arrival) {
        this.batch = batch;
        this.arrival = arrival;
        this.latest = arrival.plus(MAX_AHEAD);
        this.lines = new ByteArrayOutputStream(batch.length + 1024);
    }

    /** @throws Refusal when the batch is empty or has too many lines, or one of them is no log line */
    static Chunk parse(byte[] batch, Instant arrival) {
        return new BatchParser(batch, arrival).parse();
    }

    private Chunk parse() {
        int number = 0;
        int from = 0;
        while (from < batch.length) {
            int to = from;
            while (to < batch.length && batch[to] != '\n') {
                to++;
            }
            number++;
            String line = new String(batch, from, to - from, StandardCharsets.UTF_8);
            if (!line.isBlank()) {
                store(parser.parse(line, number));
            }
            from = to + 1;
        }
        if (count == 0) {
            throw new Refusal(Code.UNPROCESSABLE, "the batch has no lines: send at least one");
        }
        return new Chunk(firstAt, lastAt, topLevel, count, compressed());
    }

    private void store(LogLine line) {
        if (++count > MAX_LINES) {
            throw new Refusal(Code.BODY_TOO_LARGE, "a batch has at most " + MAX_LINES + " lines: send less at once");
        }
        boolean isCredible =
                !line.time().isBefore(Instant.EPOCH) && !line.time().isAfter(latest);
        Instant time = isCredible ? line.time() : arrival;
        firstAt = Math.min(firstAt, time.toEpochMilli());
        lastAt = Math.max(lastAt, time.toEpochMilli());
        Level level = level(line.level());
        topLevel = level.compareTo(topLevel) > 0 ? level : topLevel;
        StoredLine stored = StoredLine.of(lines, Times.format(time), level);
        if (!isCredible) {
            stored.claimedTime(line.time().toString());
        }
        byte[] source = line.source().getBytes(StandardCharsets.UTF_8);
        byte[] message = line.message().getBytes(StandardCharsets.UTF_8);
        int length = cut(message, MAX_MESSAGE);
        boolean truncated = line.truncated() || length < message.length;
        stored.finish(source, cut(source, MAX_SOURCE), message, length, truncated);
    }

    private static Level level(String text) {
        return text == null
                ? Level.INFO
                : Level.of(text.toLowerCase(Locale.ROOT)).orElse(Level.INFO);
    }

    /** How many bytes of the text may stay: at most the limit, and no half character at the end. */
    private static int cut(byte[] text, int limit) {
        int length = Math.min(text.length, limit);
        while (length < text.length && (text[length] & 0xc0) == 0x80) {
            length--;
        }
        return length;
    }

    private byte[] compressed() {
        ByteArrayOutputStream out = new ByteArrayOutputStream(lines.size() / 4 + 64);
        try (FastGzip gzip = new FastGzip(out)) {
            lines.writeTo(gzip);
        } catch (IOException e) {
            throw new UncheckedIOException("text is written to memory", e);
        }
        return out.toByteArray();
    }

    private static final class FastGzip extends GZIPOutputStream {
        private FastGzip(ByteArrayOutputStream out) throws IOException {
            super(out, 1 << 14);
            def.setLevel(Deflater.BEST_SPEED);
        }
    }
}
