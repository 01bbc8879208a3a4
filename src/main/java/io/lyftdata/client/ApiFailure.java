package io.lyftdata.client;

import io.lyftdata.api.Code;
import io.lyftdata.api.Problem;
import java.time.Duration;
import java.util.Optional;

/**
 * A call that brought no 2xx answer; the message is one sentence for people that says what to do. It has no stack
 * trace: it tells of the other side, not of this code.
 */
public final class ApiFailure extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final int status;
    private final transient Optional<Problem> problem;
    private final transient Optional<Duration> retryAfter;

    /** No answer came, or none that could be believed. */
    public ApiFailure(String sentence) {
        this(sentence, 0, Optional.empty(), Optional.empty());
    }

    /** The server answered, and not with what was asked for. */
    public ApiFailure(String sentence, int status, Optional<Problem> problem, Optional<Duration> retryAfter) {
        super(sentence, null, false, false);
        this.status = status;
        this.problem = problem;
        this.retryAfter = retryAfter;
    }

    /** The HTTP status; 0 when there was no answer. */
    public int status() {
        return status;
    }

    public boolean isAnswered() {
        return status != 0;
    }

    public Optional<Problem> problem() {
        return problem;
    }

    /** How long the server asked to wait. */
    public Optional<Duration> retryAfter() {
        return retryAfter;
    }

    /** Whether the server gave this reason. */
    public boolean is(Code code) {
        return problem.map(Problem::code).filter(code.wire()::equals).isPresent();
    }
}
