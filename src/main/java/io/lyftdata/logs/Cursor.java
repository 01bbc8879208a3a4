package io.lyftdata.logs;

import io.lyftdata.api.Code;
import io.lyftdata.api.Refusal;
import java.nio.ByteBuffer;
import java.util.Base64;

/**
 * A place behind one line. Its text is opaque to callers, sorts by no rule, and counts only at the store that made it.
 *
 * @param store which store made it
 * @param sequence of the chunk
 * @param line its place in the chunk; -1 for the place before the first
 */
record Cursor(long store, long sequence, int line) {
    private static final int BYTES = Long.BYTES + Long.BYTES + Integer.BYTES;

    String text() {
        byte[] bytes = ByteBuffer.allocate(BYTES)
                .putLong(store)
                .putLong(sequence)
                .putInt(line)
                .array();
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    /** @throws Refusal when it was not made by this store */
    static Cursor of(String text, long store) {
        ByteBuffer bytes = ByteBuffer.wrap(decode(text));
        if (bytes.remaining() != BYTES) {
            throw malformed();
        }
        Cursor cursor = new Cursor(bytes.getLong(), bytes.getLong(), bytes.getInt());
        if (cursor.store != store) {
            throw new Refusal(
                    Code.UNPROCESSABLE, "the cursor is from another server; start over with since, such as since=15m");
        }
        if (cursor.sequence < 0 || cursor.line < -1) {
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
