package io.lyftdata.chain;

import inet.ipaddr.IPAddress;
import io.lyftdata.api.Code;
import io.lyftdata.api.Refusal;
import io.lyftdata.api.Times;
import io.lyftdata.audit.Action;
import io.lyftdata.auth.Addresses;
import io.lyftdata.config.Nearest;
import jakarta.ws.rs.core.MultivaluedMap;
import java.time.Instant;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Which records a reader wants; a null field takes all.
 *
 * @param since the first time that counts
 * @param until the first time that counts no more
 */
public record Filter(
        String action, String actor, String subject, String address, String outcome, Instant since, Instant until) {
    /** What a column of milliseconds holds with ease. */
    private static final Instant LATEST = Instant.parse("9999-12-31T23:59:59.999Z");

    private static final Set<String> NAMES =
            Set.of("action", "actor", "subject", "address", "outcome", "since", "until", "limit", "cursor", "after");

    /**
     * From a request's parameters.
     *
     * @throws Refusal {@code unprocessable}
     */
    static Filter of(MultivaluedMap<String, String> parameters) {
        parameters.forEach(Filter::requireKnownOnce);
        return new Filter(
                text(parameters, "action").map(Filter::action).orElse(null),
                parameters.getFirst("actor"),
                parameters.getFirst("subject"),
                text(parameters, "address").map(Filter::address).orElse(null),
                parameters.getFirst("outcome"),
                text(parameters, "since").map(text -> time("since", text)).orElse(null),
                text(parameters, "until").map(text -> time("until", text)).orElse(null));
    }

    /** The condition over the columns of {@code audit}. */
    String where() {
        Map<String, Object> conditions = new LinkedHashMap<>();
        conditions.put("action = :action", action);
        conditions.put("actor = :actor", actor);
        conditions.put("subject = :subject", subject);
        conditions.put("address = :address", address);
        conditions.put("outcome = :outcome", outcome);
        // Said once more for SQLite, which uses an index of few rows only when the query names its condition.
        conditions.put("outcome <> 'done'", "done".equals(outcome) ? null : outcome);
        conditions.put("time >= :since", since);
        conditions.put("time < :until", until);
        return conditions.entrySet().stream()
                .filter(condition -> condition.getValue() != null)
                .map(Map.Entry::getKey)
                .collect(Collectors.collectingAndThen(
                        Collectors.joining(" AND "), all -> all.isEmpty() ? "1 = 1" : all));
    }

    private static void requireKnownOnce(String name, List<String> values) {
        if (!NAMES.contains(name)) {
            throw refusal("a parameter is unknown; the audit log takes "
                    + NAMES.stream().sorted().collect(Collectors.joining(", ")));
        }
        if (values.size() > 1) {
            throw refusal(name + " is there twice; give it once");
        }
    }

    private static Optional<String> text(MultivaluedMap<String, String> parameters, String name) {
        return Optional.ofNullable(parameters.getFirst(name));
    }

    private static String action(String text) {
        return Action.of(text).map(Action::name).orElseThrow(() -> refusal("no action has this name" + near(text)));
    }

    /** Those that hold the text, or else the one that was probably meant. */
    private static String near(String mistyped) {
        String text = mistyped.toUpperCase(Locale.ROOT);
        List<String> all = Arrays.stream(Action.values()).map(Action::name).toList();
        List<String> near = all.stream().filter(name -> name.contains(text)).toList();
        if (near.isEmpty() || near.size() == all.size()) {
            near = Nearest.of(text, all).stream().toList();
        }
        return near.isEmpty()
                ? "; they are " + String.join(", ", all)
                : " (did you mean " + String.join(", ", near) + "?)";
    }

    private static String address(String text) {
        return Addresses.address(text)
                .map(IPAddress::toCanonicalString)
                .orElseThrow(() -> refusal("address must be one IPv4 or IPv6 address"));
    }

    private static Instant time(String name, String text) {
        Instant time =
                Times.parse(text).orElseThrow(() -> refusal(name + " must be a time such as 2026-11-23T12:00:00Z"));
        return time.isBefore(Instant.EPOCH) ? Instant.EPOCH : time.isAfter(LATEST) ? LATEST : time;
    }

    private static Refusal refusal(String sentence) {
        return new Refusal(Code.UNPROCESSABLE, sentence);
    }
}
