package io.lyftdata.allowlist;

import io.lyftdata.api.posture.Severity;
import io.lyftdata.posture.Finding;
import io.lyftdata.posture.PostureCheck;
import io.lyftdata.posture.Rule;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;

/** Whom the allowlist lets in besides the collectors. */
public final class AllowlistWidthPostureCheck implements PostureCheck {
    private static final Rule RULE = new Rule(
            "allowlist-width",
            Severity.MEDIUM,
            "The entries of `whitelist`: a network of more than one address is a finding, and a loopback address when"
                    + " there is a proxy (`disable-tls` or `trusted-proxies`), since whoever the proxy serves may then"
                    + " come from there.",
            "“Configure the server whitelist (--whitelist / LYFTDATA_API_WHITELIST) and keep the allowlist tight"
                    + " (specific source IPs only).”",
            "List the collectors' own addresses in `whitelist`, each with `=metrics` or `=logs` when it reads only"
                    + " those, then the admin task reload-configuration. Behind a proxy, list the addresses that the"
                    + " collectors have before it.");

    private final Allowlist allowlist;
    private final boolean isPlain;
    private final BooleanSupplier hasProxy;

    /**
     * @param isPlain whether a proxy must terminate TLS
     * @param hasProxy whether one is trusted
     */
    public AllowlistWidthPostureCheck(Allowlist allowlist, boolean isPlain, BooleanSupplier hasProxy) {
        this.allowlist = allowlist;
        this.isPlain = isPlain;
        this.hasProxy = hasProxy;
    }

    @Override
    public Rule rule() {
        return RULE;
    }

    @Override
    public List<Finding> find() {
        boolean isBehindProxy = isPlain || hasProxy.getAsBoolean();
        return allowlist.entries().stream()
                .flatMap(entry -> judge(entry, isBehindProxy))
                .toList();
    }

    private static Stream<Finding> judge(Allowlist.Entry entry, boolean isBehindProxy) {
        boolean isLoopback = entry.network().getLower().isLoopback();
        if (entry.network().isMultiple()) {
            return Stream.of(new Finding(
                    entry.text(),
                    "the entry lets " + entry.network().getCount() + " addresses in without a token",
                    "whitelist: list the collectors' own addresses in its place, then the admin task"
                            + " reload-configuration"));
        }
        return isLoopback && isBehindProxy
                ? Stream.of(new Finding(
                        entry.text(),
                        "behind a proxy on this host, everybody whom it serves may come from this address",
                        "whitelist: take " + entry.text()
                                + " out, list the collectors' addresses before the proxy, then the admin task"
                                + " reload-configuration"))
                : Stream.empty();
    }
}
