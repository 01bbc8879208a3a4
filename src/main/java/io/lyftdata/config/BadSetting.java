package io.lyftdata.config;

/** A setting that cannot be used; the message names the setting, where it came from, and what to write instead. */
public final class BadSetting extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public BadSetting(String message) {
        super(message, null, false, false);
    }
}
