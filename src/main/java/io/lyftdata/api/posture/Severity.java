package io.lyftdata.api.posture;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;

/** How much a finding matters, worst first. */
public enum Severity {
    /** Somebody can get in, or what keeps them out is about to end: mend it today. */
    HIGH,
    /** One more mistake and somebody can get in: mend it this week. */
    MEDIUM,
    /** Not as the hardening page wants it: mend it or waive it. */
    LOW;

    /** The name on the wire. */
    @JsonValue
    public String wire() {
        return name().toLowerCase(Locale.ROOT);
    }
}
