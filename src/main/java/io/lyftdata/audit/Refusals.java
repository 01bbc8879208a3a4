package io.lyftdata.audit;

import io.lyftdata.api.Code;
import io.lyftdata.api.Refusal;
import io.lyftdata.auth.Addresses;
import io.lyftdata.auth.Caller;
import io.lyftdata.auth.Origin;
import io.lyftdata.auth.OriginFilter;
import io.lyftdata.crypto.KeyString;
import io.lyftdata.db.Database;
import io.lyftdata.http.Problems;
import io.lyftdata.http.RequestId;
import jakarta.servlet.Filter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jdbi.v3.core.Handle;
import org.slf4j.MDC;

/**
 * Keeps the record of refusals: the first of a kind from a network is recorded by the next {@link #sweep()}, those that
 * follow within a minute are folded into one more. Safe for use by many threads; a flood of addresses becomes one
 * record a kind and minute.
 */
public final class Refusals implements Filter {
    private static final Duration FOLD = Duration.ofMinutes(1);
    private static final int MOST = 1000;
    private static final int LONGEST_SUBJECT = 200;
    /** Refusals for other reasons than who is calling are no attack: 400, 404, 422 and the like. */
    private static final Set<Code> SILENT = EnumSet.of(Code.CONFLICT);

    private final Database database;
    private final Audit audit;
    private final Clock clock;
    private final Map<String, Fold> folds = new LinkedHashMap<>();

    /** What is known of refusals of one kind from one network. */
    private static final class Fold {
        private final Refused first;
        private long count;
        private Instant recordedAt;

        private Fold(Refused first) {
            this.first = first;
        }

        private boolean isDue(Instant now) {
            return count > 0 && (recordedAt == null || hasEnded(now));
        }

        private boolean hasEnded(Instant now) {
            return recordedAt != null && !now.isBefore(recordedAt.plus(FOLD));
        }
    }

    private record Refused(Caller caller, String what, String code, String requestId) {
        private Refused anyone() {
            return new Refused(Caller.stranger(Origin.NONE), "from further addresses", code, "");
        }
    }

    public Refusals(Database database, Audit audit, Clock clock) {
        this.database = database;
        this.audit = audit;
        this.clock = clock;
    }

    @Override
    public void doFilter(ServletRequest request, ServletResponse response, FilterChain chain)
            throws IOException, ServletException {
        try {
            chain.doFilter(request, response);
        } finally {
            Problems.of(request)
                    .filter(Refusals::isWorthKnowing)
                    .ifPresent(refusal -> note((HttpServletRequest) request, refusal));
        }
    }

    private static boolean isWorthKnowing(Refusal refusal) {
        return switch (refusal.code().status()) {
            case 401, 403, 409, 429 -> !SILENT.contains(refusal.code());
            default -> false;
        };
    }

    private void note(HttpServletRequest request, Refusal refusal) {
        Origin origin = OriginFilter.find(request)
                .orElseGet(() -> new Origin(Addresses.ofPeer(request.getRemoteAddr()), Optional.empty()));
        note(new Refused(
                Caller.of(request).orElseGet(() -> Caller.stranger(origin)),
                what(request),
                refusal.code().wire(),
                String.valueOf(request.getAttribute(RequestId.KEY))));
    }

    /** Method and path without its query, fit for a line. */
    private static String what(HttpServletRequest request) {
        String text = request.getMethod() + " " + KeyString.redacted(request.getRequestURI());
        String plain = text.replaceAll("[^ -~]", "?");
        return plain.length() > LONGEST_SUBJECT ? plain.substring(0, LONGEST_SUBJECT) : plain;
    }

    /** Notes what was refused without a problem's answer; folded by caller, whose key it took. */
    void note(Caller caller, String what, String code) {
        String requestId = Optional.ofNullable(MDC.get(RequestId.KEY)).orElse("");
        note(code + " " + caller.id(), new Refused(caller, what, code, requestId));
    }

    private void note(Refused refused) {
        note(refused.code() + " " + refused.caller().origin().network(), refused);
    }

    private synchronized void note(String wanted, Refused refused) {
        String key = wanted;
        if (!folds.containsKey(key) && folds.size() >= MOST) {
            key = refused.code();
        }
        boolean anyone = key.equals(refused.code());
        folds.computeIfAbsent(key, any -> new Fold(anyone ? refused.anyone() : refused)).count++;
    }

    /** Writes what is due, in one transaction. */
    public void sweep() {
        record(due(false));
    }

    /** Writes everything, for the end. */
    void flush() {
        record(due(true));
    }

    private void record(Map<Fold, Long> due) {
        if (due.isEmpty()) {
            return;
        }
        try {
            database.write(tx -> {
                due.forEach((fold, count) -> record(tx, fold.first, count));
                return null;
            });
        } catch (RuntimeException e) {
            putBack(due);
            throw e;
        }
    }

    private void record(Handle tx, Refused first, long count) {
        MDC.put(RequestId.KEY, first.requestId());
        try {
            audit.record(tx, first.caller(), Event.refused(first.what(), first.code(), count));
        } finally {
            MDC.remove(RequestId.KEY);
        }
    }

    private synchronized Map<Fold, Long> due(boolean everything) {
        Instant now = clock.instant();
        Map<Fold, Long> due = new LinkedHashMap<>();
        Iterator<Fold> all = folds.values().iterator();
        while (all.hasNext()) {
            Fold fold = all.next();
            if (fold.isDue(now) || (everything && fold.count > 0)) {
                due.put(fold, fold.count);
                fold.count = 0;
                fold.recordedAt = now;
            } else if (fold.hasEnded(now)) {
                all.remove();
            }
        }
        return due;
    }

    private synchronized void putBack(Map<Fold, Long> due) {
        due.forEach((fold, count) -> {
            fold.count += count;
            fold.recordedAt = null;
        });
    }
}
