package io.lyftdata.logs;

import io.lyftdata.api.Code;
import io.lyftdata.api.Refusal;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Base64;
import java.util.Optional;

/**
 * A place behind one line. Its text is opaque to callers, sorts by no rule, and counts only at the store that made it
 * and in the order it came from.
 *
 * @param store which store made it
 * @param sequence of the chunk
 * @param line its place in the chunk; -1 for the place before the first
 * @param time the line's, epoch milliseconds, when lines come by time; empty in the order of arrival
 */
record Cursor(long store, long sequence, int line, Optional<Long> time) {
    private static final int BYTES = Long.BYTES + Long.BYTES + Integer.BYTES;

    /** In the order of arrival. */
    Cursor(long store, long sequence, int line) {
        this(store, sequence, line, Optional.empty());
    }

    String text() {
        ByteBuffer bytes = ByteBuffer.allocate(BYTES + Long.BYTES)
                .putLong(store)
                .putLong(sequence)
                .putInt(line);
        time.ifPresent(bytes::putLong);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(Arrays.copyOf(bytes.array(), bytes.position()));
    }

    /** @throws Refusal when it was not made by this store */
    static Cursor of(String text, long store) {
        ByteBuffer bytes = ByteBuffer.wrap(decode(text));
        if (bytes.remaining() != BYTES && bytes.remaining() != BYTES + Long.BYTES) {
            throw malformed();
        }
        Cursor cursor = new Cursor(
                bytes.getLong(),
                bytes.getLong(),
                bytes.getInt(),
                bytes.hasRemaining() ? Optional.of(bytes.getLong()) : Optional.empty());
        if (cursor.store != store) {
            throw new Refusal(
                    Code.UNPROCESSABLE, "the cursor is from another server; start over with since, such as since=15m");
        }
        if (cursor.sequence < 0
                || cursor.line < -1
                || cursor.time.filter(time -> time < 0).isPresent()) {
            throw malformed();
        }
        return cursor;
    }

    private static byte[] decode(String text) {
        try {
            return Base64.getUrlDecoder().decode(text);
        } catch (IllegalArgumentException e) {
            throw malformed();
        }
    }

    private static Refusal malformed() {
        return new Refusal(
                Code.UNPROCESSABLE, "the cursor is malformed; take it as it stands from the last line that was read");
    }
}
