package io.lyftdata.archive;

/** A backup file that cannot be used; the message says what is wrong with it and names no path. */
public final class BadBackup extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public BadBackup(String sentence) {
        super(sentence, null, false, false);
    }
}
