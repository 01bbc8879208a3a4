package io.lyftdata.agent;

import io.lyftdata.api.Problem;
import io.lyftdata.api.Times;
import io.lyftdata.client.ApiFailure;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** This host's clock, put right by what the server's refusals told of its own. Used by one thread. */
final class ServerClock {
    private static final Logger LOG = LoggerFactory.getLogger(ServerClock.class);

    private final Clock clock;
    private Duration ahead = Duration.ZERO;

    ServerClock(Clock clock) {
        this.clock = clock;
    }

    /** The server's time, as far as it is known, epoch milliseconds. */
    long millis() {
        return clock.instant().plus(ahead).toEpochMilli();
    }

    /** Whether the refusal told the server's time, which is kept. */
    boolean learn(ApiFailure failure) {
        Optional<Instant> told = serverTime(failure);
        told.ifPresent(time -> ahead = Duration.between(clock.instant(), time));
        if (told.isPresent() && ahead.abs().compareTo(Duration.ofMinutes(1)) > 0) {
            LOG.warn("this host's clock is {} off: set it right; going on with the server's time", inWords(ahead));
        }
        return told.isPresent();
    }

    private static Optional<Instant> serverTime(ApiFailure failure) {
        return failure.problem()
                .map(Problem::facts)
                .map(facts -> facts.get("serverTime"))
                .flatMap(time -> time instanceof Number millis
                        ? Optional.of(Instant.ofEpochMilli(millis.longValue()))
                        : Times.parse(String.valueOf(time)));
    }

    /** How far the server's clock is from this one, for people. */
    static String inWords(Duration serverAhead) {
        long seconds = serverAhead.abs().toSeconds();
        String amount = seconds < 120 ? seconds + " seconds" : seconds / 60 + " minutes";
        return amount + (serverAhead.isNegative() ? " (ahead of the server)" : " (behind the server)");
    }
}
