package io.lyftdata.config;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lyftdata.config.Loaded.Source;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Brings flags, environment and file together; a flag beats a variable, a variable beats the file, the file beats the
 * default. Whatever cannot be used ends in a {@link BadSetting} that names the place, the key and the reason.
 */
public final class SettingsLoader {
    private static final String PACKED = "config.yml";

    private final List<Setting> settings;
    private final Map<String, String> environment;
    private final Binding binding = new Binding();

    public SettingsLoader(List<Setting> settings, Map<String, String> environment) {
        this.settings = List.copyOf(settings);
        this.environment = Map.copyOf(environment);
    }

    /**
     * The settings as the type, whose components are the keys in camel case, and where each came from.
     *
     * @param file the configuration file
     * @param flags values by the flag's key
     */
    public <T extends Record> Loaded<T> load(Path file, Map<String, String> flags, Class<T> type) {
        ObjectNode tree = binding.parse(read(file), file.toString());
        Map<String, Source> sources = new HashMap<>();
        Binding.keys(tree).forEach(key -> sources.put(key, Source.FILE));
        T settings = load(tree, file.toString(), flags, sources, type);
        return new Loaded<>(settings, file.toAbsolutePath().normalize().toString(), sources);
    }

    /** The same with the configuration file that is packed in the jar; what it says are defaults. */
    public <T extends Record> Loaded<T> loadPacked(Map<String, String> flags, Class<T> type) {
        try (InputStream packed = SettingsLoader.class.getResourceAsStream("/config.yml")) {
            ObjectNode tree = binding.parse(new String(packed.readAllBytes(), StandardCharsets.UTF_8), PACKED);
            Map<String, Source> sources = new HashMap<>();
            return new Loaded<>(load(tree, PACKED, flags, sources, type), null, sources);
        } catch (IOException e) {
            throw new BadSetting("the jar is damaged: its config.yml cannot be read; install it again");
        }
    }

    private <T> T load(
            ObjectNode tree, String place, Map<String, String> flags, Map<String, Source> sources, Class<T> type) {
        for (Setting setting : settings) {
            String key = setting.key();
            if (tree.has(key)) {
                refuseWhatTheFileMayNotHold(setting, place);
            }
            fromEnvironment(setting).ifPresent(value -> {
                tree.set(key, node(setting, value));
                sources.put(key, Source.VARIABLE);
            });
            Optional.ofNullable(flags.get(key)).ifPresent(value -> {
                tree.set(key, node(setting, value));
                sources.put(key, Source.FLAG);
            });
        }
        return binding.bind(tree, place, type);
    }

    private void refuseWhatTheFileMayNotHold(Setting setting, String place) {
        if (!setting.inFile()) {
            throw new BadSetting(place + ": " + setting.key() + " cannot stand in the file; "
                    + setting.variable()
                            .map(name -> "set " + name)
                            .orElse("give " + setting.flag().orElse("")));
        }
        if (setting.kind() == Setting.Kind.SECRET) {
            PrivateFiles.requirePrivate(Path.of(place), environment, "it holds " + setting.key());
        }
    }

    /** The value of the setting's variable, or of the file that its {@code _FILE} variable names. */
    public Optional<String> fromEnvironment(Setting setting) {
        if (setting.variable().isEmpty()) {
            return Optional.empty();
        }
        String name = setting.variable().get();
        Optional<String> direct = Optional.ofNullable(environment.get(name)).filter(value -> !value.isEmpty());
        if (setting.kind() != Setting.Kind.SECRET) {
            return direct;
        }
        Optional<String> file =
                Optional.ofNullable(environment.get(name + "_FILE")).filter(value -> !value.isEmpty());
        if (direct.isPresent() && file.isPresent()) {
            throw new BadSetting(name + " and " + name + "_FILE are both set; unset one of them");
        }
        return direct.or(() -> file.map(path -> PrivateFiles.readSecret(Path.of(path), environment, name + "_FILE")));
    }

    private JsonNode node(Setting setting, String value) {
        if (setting.kind() != Setting.Kind.LIST) {
            return binding.text(value);
        }
        ArrayNode list = binding.list();
        for (String item : value.split(",", -1)) {
            if (!item.isBlank()) {
                list.add(item.strip());
            }
        }
        return list;
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            String reason =
                    Files.exists(file) ? "cannot be read as UTF-8 text; check its mode and owner" : "does not exist";
            throw new BadSetting(file + " " + reason);
        }
    }
}
