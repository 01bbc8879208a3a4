package io.lyftdata.auth;

/**
 * What an authenticator is asked to judge.
 *
 * @param credential the text after the scheme: a key, the enrollment secret, or the collector's name
 * @param origin where it comes from
 */
public record Presented(String credential, Origin origin) {
    @Override
    public String toString() {
        return "Presented[credential=[redacted], origin=" + origin + "]";
    }
}
