package io.lyftdata.posture;

import io.lyftdata.api.posture.Severity;
import java.time.Clock;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/** Waivers that waive nothing, or too much. */
final class WaiverPostureCheck implements PostureCheck {
    /** No waiver covers it, or one could cover itself. */
    static final String ID = "waivers";

    private static final String RELOAD = "; then the admin task reload-configuration";

    private static final Rule RULE = new Rule(
            ID,
            Severity.MEDIUM,
            "Waivers in the configuration of a check that there is not, that have expired, or that last for more than"
                    + " a year.",
            "“Security is ongoing; integrate these hardening steps into your deployment automation and revisit them"
                    + " regularly.” A finding that is borne is revisited at least once a year.",
            "Correct or remove the waiver in the section `posture` of config.yml, then let the server read it by the"
                    + " admin task reload-configuration.");

    private final Set<String> ids;
    private final Supplier<List<Waiver>> waivers;
    private final Clock clock;

    /** @param ids of all other checks */
    WaiverPostureCheck(Set<String> ids, Supplier<List<Waiver>> waivers, Clock clock) {
        this.ids = ids;
        this.waivers = waivers;
        this.clock = clock;
    }

    @Override
    public Rule rule() {
        return RULE;
    }

    @Override
    public List<Finding> find() {
        return waivers.get().stream().flatMap(waiver -> judge(waiver).stream()).toList();
    }

    private Optional<Finding> judge(Waiver waiver) {
        Instant now = clock.instant();
        LocalDate latest = LocalDate.ofInstant(now, ZoneOffset.UTC).plusYears(1);
        String subject = waiver.check() + (waiver.subject() == null ? "" : " " + waiver.subject());
        if (!ids.contains(waiver.check())) {
            return Optional.of(new Finding(
                    subject,
                    "there is no check of that name that can be waived, so the waiver covers nothing",
                    "posture.waivers: remove it, or name one of the checks of lyftdata posture --output json"
                            + RELOAD));
        }
        if (waiver.hasExpired(now)) {
            return Optional.of(new Finding(
                    subject,
                    "the waiver ended on " + waiver.until() + " and covers nothing any more",
                    "posture.waivers: remove it, or set a later until once somebody has looked again" + RELOAD));
        }
        if (waiver.lastDay().isAfter(latest)) {
            return Optional.of(new Finding(
                    subject,
                    "the waiver lasts until " + waiver.until() + ", which is more than a year",
                    "posture.waivers: set its until to " + latest + " or earlier" + RELOAD));
        }
        return Optional.empty();
    }
}
