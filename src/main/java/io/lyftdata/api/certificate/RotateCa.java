package io.lyftdata.api.certificate;

import java.util.List;

/**
 * {@code POST /api/certificate/rotate-ca}: one step of the authority's replacement.
 *
 * @param step {@code prepare}, {@code activate}, {@code retire} or {@code rollback}
 * @param force also when online workers would be stranded; null: no
 */
public record RotateCa(String step, Boolean force) {
    public static final String PATH = "/api/certificate/rotate-ca";

    /**
     * How far it has come.
     *
     * @param phase {@code settled}, {@code prepared} or {@code activated}
     * @param pin of the authority that signs
     * @param otherPin of its successor when prepared, of its predecessor when activated; null when settled
     * @param have how many workers keep all of the trusted authorities
     * @param onlineWithout ids of online workers that do not
     * @param offlineWithout ids of offline workers that do not
     * @param advice what to do next
     */
    public record State(
            String phase,
            String pin,
            String otherPin,
            int have,
            List<String> onlineWithout,
            List<String> offlineWithout,
            String advice) {}
}
