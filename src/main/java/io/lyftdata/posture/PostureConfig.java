package io.lyftdata.posture;

import java.util.List;

/**
 * The section {@code posture} of the configuration.
 *
 * @param waivers findings that are borne, each with its reason and last day
 */
public record PostureConfig(List<Waiver> waivers) {
    public PostureConfig {
        waivers = waivers == null ? List.of() : List.copyOf(waivers);
    }
}
