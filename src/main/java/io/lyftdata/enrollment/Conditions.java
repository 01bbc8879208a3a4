package io.lyftdata.enrollment;

import io.lyftdata.api.AutoEnrollment.Terms;
import io.lyftdata.api.Code;
import io.lyftdata.api.Refusal;
import io.lyftdata.audit.Event;
import io.lyftdata.auth.Addresses;
import io.lyftdata.worker.Labels;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * Who may join by a secret.
 *
 * @param since when it comes into force
 * @param expiresAt null: never
 * @param limit null: none
 */
record Conditions(Instant since, Instant expiresAt, Long limit, List<String> sources, Map<String, String> labels) {
    private static final Duration LONGEST = Duration.ofDays(3650);
    private static final int MOST_SOURCES = 32;

    /**
     * The wish, and where it says nothing what held for the former secret.
     *
     * @throws Refusal {@code unprocessable}
     */
    static Conditions of(Terms wish, Optional<EnrollmentSecret> former, Instant now) {
        Terms terms = wish == null ? Terms.SAME : wish;
        Optional<Duration> life = terms.expiresInSeconds() == null
                ? former.filter(secret -> secret.expiresAt() != null)
                        .map(secret -> Duration.between(secret.createdAt(), secret.expiresAt()))
                : seconds("terms.expiresInSeconds", terms.expiresInSeconds());
        if (terms.limit() != null && terms.limit() < 0) {
            throw new Refusal(Code.UNPROCESSABLE, "terms.limit must be a number of workers; 0 for none");
        }
        Long limit = terms.limit() == null
                ? former.map(EnrollmentSecret::useLimit).orElse(null)
                : terms.limit() == 0 ? null : terms.limit();
        return new Conditions(
                now,
                life.map(now::plus).orElse(null),
                limit,
                terms.sources() == null
                        ? former.map(EnrollmentSecret::sources).orElse(List.of())
                        : checked(terms.sources()),
                terms.labels() == null
                        ? former.map(EnrollmentSecret::labels).orElse(Map.of())
                        : Labels.checked(terms.labels()));
    }

    static Conditions of(EnrollmentSecret secret) {
        return new Conditions(
                secret.createdAt(), secret.expiresAt(), secret.useLimit(), secret.sources(), secret.labels());
    }

    /** Empty for null and 0. */
    static Optional<Duration> seconds(String field, Long seconds) {
        if (seconds != null && (seconds < 0 || seconds > LONGEST.toSeconds())) {
            throw new Refusal(Code.UNPROCESSABLE, field + " must be from 0 to " + LONGEST.toSeconds() + " (ten years)");
        }
        return Optional.ofNullable(seconds).filter(given -> given > 0).map(Duration::ofSeconds);
    }

    private static List<String> checked(List<String> sources) {
        if (sources.size() > MOST_SOURCES || sources.stream().anyMatch(Objects::isNull)) {
            throw new Refusal(Code.UNPROCESSABLE, "terms.sources are at most " + MOST_SOURCES + " networks");
        }
        try {
            return sources.stream()
                    .map(source -> Addresses.network(source).toCanonicalString())
                    .toList();
        } catch (IllegalArgumentException e) {
            throw new Refusal(
                    Code.UNPROCESSABLE,
                    "terms.sources must be addresses or networks, such as 192.0.2.7 or 2001:db8::/64");
        }
    }

    /** Those that there are, in the record. */
    Event tell(Event event) {
        Event told = expiresAt == null ? event : event.set("expiresAt", expiresAt);
        told = limit == null ? told : told.set("limit", limit);
        told = sources.isEmpty() ? told : told.set("sources", sources);
        return labels.isEmpty() ? told : told.set("labels", labels);
    }

    /** @throws Refusal {@code unprocessable}, naming what is missing */
    void require(Map<String, String> given) {
        labels.forEach((key, value) -> {
            if (given == null || !value.equals(given.get(key))) {
                throw new Refusal(
                        Code.UNPROCESSABLE,
                        "this enrollment secret admits only workers with the label " + key + "=" + value
                                + ": start the worker with --labels");
            }
        });
    }
}
