package io.lyftdata.client;

import io.lyftdata.config.BadSetting;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Where the server is and how it proves itself.
 *
 * @param url scheme, host and port only
 */
public record Endpoint(URI url, Trust trust) {
    private static final String NAME = "--url (LYFTDATA_URL)";

    public Endpoint {
        String scheme = String.valueOf(url.getScheme()).toLowerCase(Locale.ROOT);
        if (!scheme.equals("https") && !scheme.equals("http")) {
            throw new BadSetting(NAME + " must begin with https:// (or http:// for a server with --disable-tls)");
        }
        if (url.getRawUserInfo() != null) {
            throw new BadSetting(NAME + " must not hold a user name or password");
        }
        if (url.getHost() == null || url.getPort() > 65535) {
            throw new BadSetting(NAME + " needs a host and a port, as in https://localhost:3000");
        }
        if (!List.of("", "/").contains(url.getRawPath()) || url.getRawQuery() != null || url.getRawFragment() != null) {
            throw new BadSetting(NAME + " must end after host and port, as in https://localhost:3000");
        }
        if (scheme.equals("http")
                && (trust.caFile().isPresent() || !trust.pins().isEmpty())) {
            throw new BadSetting(NAME + " begins with http://, which --tls-pin and --tls-ca cannot protect: write"
                    + " https://, or leave them out");
        }
        String port = url.getPort() < 0 ? "" : ":" + url.getPort();
        url = URI.create(scheme + "://" + url.getHost() + port);
    }

    /**
     * From the settings as the user wrote them.
     *
     * @param caFile {@code --tls-ca}
     * @param pins {@code --tls-pin}, comma-separated; empty or blank: none
     * @param insecure {@code --tls-insecure}
     * @throws BadSetting with a sentence that says what to write instead
     */
    public static Endpoint parse(String url, Optional<Path> caFile, Optional<String> pins, boolean insecure) {
        List<String> parsed =
                pins.filter(text -> !text.isBlank()).map(Trust::parsePins).orElse(List.of());
        try {
            return new Endpoint(new URI(url.strip()), new Trust(caFile, parsed, Optional.empty(), insecure));
        } catch (URISyntaxException e) {
            throw new BadSetting(NAME + " is no URL: write it as in https://localhost:3000");
        }
    }

    public boolean isTls() {
        return url.getScheme().equals("https");
    }

    /** What the worker reports: {@code pinned}, {@code ca}, {@code insecure} or {@code none}. */
    public String tlsMode() {
        if (!isTls()) {
            return "none";
        }
        if (trust.insecure()) {
            return "insecure";
        }
        return trust.pins().isEmpty() ? "ca" : "pinned";
    }

    /** The same server, judged otherwise. */
    public Endpoint trusting(Trust other) {
        return new Endpoint(url, other);
    }
}
