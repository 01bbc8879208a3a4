package io.lyftdata.auth;

import io.lyftdata.crypto.KeyString;
import java.util.Optional;

/**
 * What an authenticator is asked to judge.
 *
 * @param credential the text after the scheme: a key, the enrollment secret, or the collector's name
 * @param key the same as a key of ours; empty when it is none
 * @param origin where it comes from
 */
public record Presented(String credential, Optional<KeyString> key, Origin origin) {
    public Presented(String credential, Origin origin) {
        this(credential, KeyString.parse(credential), origin);
    }

    @Override
    public String toString() {
        return "Presented[credential=[redacted], origin=" + origin + "]";
    }
}
