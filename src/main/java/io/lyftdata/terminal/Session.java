package io.lyftdata.terminal;

import io.lyftdata.client.Endpoint;
import io.lyftdata.client.Trust;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * A login that is kept between commands.
 *
 * @param url the server that the token is for; it is sent to no other
 * @param caFile absolute path of the CA file that was given; null: none
 * @param pins those that were given
 * @param token {@code lyd_se_…}
 * @param expiresAt the absolute end; an idle session ends earlier
 */
public record Session(String url, String caFile, List<String> pins, String user, String token, Instant expiresAt) {
    public Session {
        pins = pins == null ? List.of() : List.copyOf(pins);
    }

    public static Session of(Endpoint endpoint, String user, String token, Instant expiresAt) {
        Trust trust = endpoint.trust();
        String caFile =
                trust.caFile().map(file -> file.toAbsolutePath().toString()).orElse(null);
        return new Session(endpoint.url().toString(), caFile, trust.pins(), user, token, expiresAt);
    }

    boolean isFor(Endpoint endpoint) {
        return endpoint.url().toString().equals(url);
    }

    Trust trust() {
        return new Trust(Optional.ofNullable(caFile).map(Path::of), pins, Optional.empty(), false);
    }

    @Override
    public String toString() {
        return "Session[url=" + url + ", user=" + user + ", token=[redacted]]";
    }
}
