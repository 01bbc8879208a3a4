package io.lyftdata.settings;

import io.lyftdata.api.posture.Severity;
import io.lyftdata.config.Loaded;
import io.lyftdata.posture.Finding;
import io.lyftdata.posture.PostureCheck;
import io.lyftdata.posture.Rule;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Whether secrets stand in the server's argument list. */
public final class SecretArgumentPostureCheck implements PostureCheck {
    private static final Rule RULE = new Rule(
            "secret-arguments",
            Severity.HIGH,
            "Whether a secret was given as a command-line flag: every user of the host can read it in the process list.",
            "“Store secrets (admin bootstrap password, worker API keys) in service environment files with tight"
                    + " permissions.”",
            "Put the secret into a file of mode 0600, name it in the variable's `_FILE` form, and drop the flag; then"
                    + " replace the secret, since it was readable.");

    private final Loaded<?> loaded;
    private final Map<String, String> secrets;

    /**
     * @param loaded the settings of the start
     * @param secrets the secret settings: environment variable by key
     */
    public SecretArgumentPostureCheck(Loaded<?> loaded, Map<String, String> secrets) {
        this.loaded = loaded;
        this.secrets = secrets;
    }

    @Override
    public Rule rule() {
        return RULE;
    }

    @Override
    public List<Finding> find() {
        return loaded.sources().entrySet().stream()
                .filter(source -> source.getValue() == Loaded.Source.FLAG && secrets.containsKey(source.getKey()))
                .map(Map.Entry::getKey)
                .sorted()
                .map(key -> new Finding(
                        key,
                        "--" + key.toLowerCase(Locale.ROOT) + " carries a secret that every user of this host can read"
                                + " in the process list",
                        "drop the flag and set " + secrets.get(key) + "_FILE to a file of mode 0600 that holds a new"
                                + " secret"))
                .toList();
    }
}
