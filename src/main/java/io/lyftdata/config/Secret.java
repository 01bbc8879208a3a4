package io.lyftdata.config;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Objects;

/** A value that never prints itself; comparison takes the same time wherever the first difference is. */
public final class Secret {
    private static final String REDACTED = "[redacted]";

    private final String value;

    @JsonCreator
    public Secret(String value) {
        this.value = Objects.requireNonNull(value);
    }

    /** The value itself: for the one call that needs it, never for text that people read. */
    public String reveal() {
        return value;
    }

    public int length() {
        return value.length();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Secret secret
                && MessageDigest.isEqual(
                        value.getBytes(StandardCharsets.UTF_8), secret.value.getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public int hashCode() {
        return Secret.class.hashCode();
    }

    @Override
    @JsonValue
    public String toString() {
        return REDACTED;
    }
}
