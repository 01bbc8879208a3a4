package io.lyftdata.api.lockdown;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.time.Instant;
import java.util.List;

/** {@code /api/incidents/lockdown}: the one switch that shuts everybody out but whom an incident needs. */
public final class Lockdown {
    public static final String PATH = "/api/incidents/lockdown";

    private Lockdown() {}

    /**
     * @param from addresses, or networks no wider than /24 and /64, from which administrators may call besides this
     *     host; null or empty: from this host only. Not with {@code on: false}
     */
    public record Wish(Boolean on, List<String> from) {}

    /**
     * @param from those from which administrators may call, in canonical form
     * @param since when it was switched on, or its addresses were changed; null while it is off
     * @param by who did so, as in {@code user alice}
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record View(boolean on, List<String> from, Instant since, String by) {
        public static final View OFF = new View(false, List.of(), null, null);
    }
}
