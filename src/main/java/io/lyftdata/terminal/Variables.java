package io.lyftdata.terminal;

import io.lyftdata.config.BadSetting;
import io.lyftdata.config.PrivateFiles;
import io.lyftdata.config.Secret;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The environment's settings; a blank one counts as not set. */
public record Variables(Map<String, String> environment) {
    public Optional<String> text(String name) {
        return Optional.ofNullable(environment.get(name)).map(String::strip).filter(value -> !value.isEmpty());
    }

    public Path home() {
        return Path.of(text("HOME").orElseGet(() -> System.getProperty("user.home")));
    }

    /** Comma-separated. */
    public List<String> list(String name) {
        return text(name).map(Variables::split).orElse(List.of());
    }

    static List<String> split(String commaSeparated) {
        return Arrays.stream(commaSeparated.split(",", -1))
                .map(String::strip)
                .filter(item -> !item.isEmpty())
                .toList();
    }

    boolean isTrue(String name) {
        String value = text(name).orElse("false");
        if (!value.equals("true") && !value.equals("false")) {
            throw new BadSetting(name + " must be true or false");
        }
        return value.equals("true");
    }

    /** From the variable, or from the file that the variable with {@code _FILE} behind its name names. */
    public Optional<Secret> secret(String name) {
        Optional<String> file = text(name + "_FILE");
        if (text(name).isPresent() && file.isPresent()) {
            throw new BadSetting(name + " and " + name + "_FILE are both set: unset one of them");
        }
        return text(name)
                .or(() -> file.map(path -> PrivateFiles.readSecret(Path.of(path), environment, name + "_FILE")))
                .map(Secret::new);
    }
}
