package io.lyftdata.certificate;

import io.lyftdata.config.BadSetting;
import java.util.Optional;

/** Where the material comes from. Each method may throw {@link BadSetting} with the reason why there is none. */
public interface Source {
    /** {@code own} or {@code given}. */
    String name();

    /** For the start. */
    Material open();

    /** What is to take the place of the one that is served, when there is cause. */
    Optional<Material> due(Material serving);

    /** What is to take its place, since somebody asks for it. */
    Material next(Material serving);

    /** Makes it the one that the next start finds. */
    void place(Material next);
}
