package io.lyftdata.config;

import java.util.Locale;
import java.util.Optional;

/**
 * One setting that can be given in more than one place.
 *
 * @param flag the command line's name for it, with its dashes; empty when there is none
 * @param variable the environment variable; empty when there is none
 * @param kind what values it takes
 * @param inFile whether {@code config.yml} may hold it, under the flag's name without its dashes
 * @param help one line for {@code --help}
 */
public record Setting(Optional<String> flag, Optional<String> variable, Kind kind, boolean inFile, String help) {
    /** What a setting's text means. */
    public enum Kind {
        TEXT,
        /** Comma-separated in flags and variables. */
        LIST,
        /** {@code true} or {@code false}; a flag alone means true. */
        SWITCH,
        /** May come from a file named by the variable with {@code _FILE} behind it. */
        SECRET
    }

    /** A setting with all three places. */
    public static Setting of(String flag, String variable, Kind kind, String help) {
        return new Setting(Optional.of(flag), Optional.of(variable), kind, true, help);
    }

    /** A setting that only the environment can give. */
    public static Setting ofVariable(String variable, Kind kind, String help) {
        return new Setting(Optional.empty(), Optional.of(variable), kind, false, help);
    }

    /** A setting that only the command line can give. */
    public static Setting ofFlag(String flag, Kind kind, String help) {
        return new Setting(Optional.of(flag), Optional.empty(), kind, false, help);
    }

    /** The name under which the value is bound: the flag without dashes, or the variable in the same style. */
    public String key() {
        return flag.map(name -> name.substring(2))
                .orElseGet(() -> variable.orElseThrow()
                        .substring("LYFTDATA_".length())
                        .toLowerCase(Locale.ROOT)
                        .replace('_', '-'));
    }
}
