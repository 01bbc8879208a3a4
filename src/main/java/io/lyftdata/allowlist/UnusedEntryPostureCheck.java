package io.lyftdata.allowlist;

import io.lyftdata.api.Times;
import io.lyftdata.api.posture.Severity;
import io.lyftdata.posture.Finding;
import io.lyftdata.posture.PostureCheck;
import io.lyftdata.posture.Rule;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/** Addresses that nobody reads from. */
public final class UnusedEntryPostureCheck implements PostureCheck {
    private static final Duration LONGEST = Duration.ofDays(30);

    private static final Rule RULE = new Rule(
            "allowlist-unused",
            Severity.LOW,
            "The entries of `whitelist`: one that has let no collector in for " + LONGEST.toDays()
                    + " days, and has been listed for that long, is a finding.",
            "“Keep the allowlist tight (specific source IPs only).” An address that its collector has left is given to"
                    + " another host one day.",
            "Take the entry out of `whitelist`, then the admin task reload-configuration.");

    private final Allowlist allowlist;
    private final AllowlistUse use;
    private final Function<String, Optional<Instant>> listedSince;
    private final Clock clock;

    /** @param listedSince since when the entry has been in force without a gap */
    public UnusedEntryPostureCheck(
            Allowlist allowlist, AllowlistUse use, Function<String, Optional<Instant>> listedSince, Clock clock) {
        this.allowlist = allowlist;
        this.use = use;
        this.listedSince = listedSince;
        this.clock = clock;
    }

    @Override
    public Rule rule() {
        return RULE;
    }

    @Override
    public List<Finding> find() {
        Instant latest = clock.instant().minus(LONGEST);
        Map<String, Instant> used = use.last();
        List<Finding> findings = new ArrayList<>();
        for (Allowlist.Entry entry : allowlist.entries()) {
            Optional<Instant> last = Optional.ofNullable(used.get(entry.text()));
            boolean isNew = listedSince
                    .apply(entry.text())
                    .filter(since -> since.isBefore(latest))
                    .isEmpty();
            if (!isNew && last.filter(time -> !time.isBefore(latest)).isEmpty()) {
                findings.add(new Finding(
                        entry.text(),
                        "the entry has let nobody in "
                                + last.map(time -> "since " + Times.format(time))
                                        .orElse("since it was listed"),
                        "whitelist: take " + entry.text() + " out, then the admin task reload-configuration"));
            }
        }
        return findings;
    }
}
