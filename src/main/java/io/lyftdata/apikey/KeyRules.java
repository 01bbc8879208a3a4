package io.lyftdata.apikey;

import java.time.Duration;
import java.util.Map;

/** How long workers' keys count, by policy and by order; asked on every call, so an answer costs no query. */
public interface KeyRules {
    /** At which age a key of such a worker is refused. */
    Duration maximumAge(Map<String, String> labels);

    /** How long the key counts once its successor has been used; zero for not at all. */
    Duration overlap(ApiKey former);

    /** Whether an order to rotate had a deadline that the key has missed. */
    boolean isOverdue(ApiKey key);
}
