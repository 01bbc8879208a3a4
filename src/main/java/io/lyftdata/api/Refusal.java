package io.lyftdata.api;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The one way to say no: a code, a sentence for the caller that says what to do next, and what else a program needs.
 * The sentence goes out as it is, so it never holds a secret nor another exception's text.
 */
public final class Refusal extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final Code code;
    private final transient Map<String, Object> facts;
    private final transient Optional<Duration> retryAfter;

    public Refusal(Code code, String detail) {
        this(code, detail, Map.of(), Optional.empty(), null);
    }

    private Refusal(
            Code code, String detail, Map<String, Object> facts, Optional<Duration> retryAfter, Throwable cause) {
        super(detail, cause, false, false);
        this.code = code;
        this.facts = facts;
        this.retryAfter = retryAfter;
    }

    /** The same refusal that tells the caller how long to wait ({@code Retry-After}, whole seconds, at least 1). */
    public Refusal retryAfter(Duration wait) {
        return new Refusal(code, getMessage(), facts, Optional.of(wait), getCause());
    }

    /** The same refusal with one more member in the problem document. */
    public Refusal with(String name, Object value) {
        Map<String, Object> more = new LinkedHashMap<>(facts);
        more.put(name, value);
        return new Refusal(code, getMessage(), more, retryAfter, getCause());
    }

    /** The same refusal with what went wrong inside, for the log alone. */
    public Refusal because(Throwable cause) {
        return new Refusal(code, getMessage(), facts, retryAfter, cause);
    }

    public Code code() {
        return code;
    }

    public String detail() {
        return getMessage();
    }

    public Map<String, Object> facts() {
        return facts;
    }

    public Optional<Duration> retryAfter() {
        return retryAfter;
    }
}
