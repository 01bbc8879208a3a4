package io.lyftdata.server;

import io.lyftdata.allowlist.Allowlist;
import io.lyftdata.auth.Addresses;
import io.lyftdata.auth.TrustedProxies;
import java.util.List;
import java.util.function.Supplier;

/**
 * What the server believes of addresses; both parts can be replaced while it runs.
 *
 * @param proxies whose forwarded header is read
 * @param allowlist whose collectors need no token
 */
record Reach(TrustedProxies proxies, Allowlist allowlist) {

    /**
     * From the settings' texts.
     *
     * @throws IllegalArgumentException with a sentence that names setting and entry
     */
    static Reach parse(List<String> trustedProxies, String forwardedHeader, List<String> whitelist) {
        TrustedProxies proxies = named(
                "trusted-proxies or forwarded-header",
                () -> new TrustedProxies(
                        Addresses.networks(trustedProxies), TrustedProxies.Header.of(forwardedHeader)));
        return named(
                "whitelist", () -> new Reach(proxies, new Allowlist(Allowlist.parse(whitelist, proxies.networks()))));
    }

    private static <T> T named(String setting, Supplier<T> parse) {
        try {
            return parse.get();
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(setting + ": " + e.getMessage(), e);
        }
    }
}
