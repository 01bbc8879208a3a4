package io.lyftdata.settings;

import com.nulabinc.zxcvbn.Zxcvbn;
import io.lyftdata.api.posture.Severity;
import io.lyftdata.config.Secret;
import io.lyftdata.posture.Finding;
import io.lyftdata.posture.PostureCheck;
import io.lyftdata.posture.Rule;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Whether secrets of the settings can be guessed. */
public final class WeakSecretPostureCheck implements PostureCheck {
    private static final int LEAST_SCORE = 4;
    private static final int JUDGED = 64;

    private static final Rule RULE = new Rule(
            "weak-secrets",
            Severity.HIGH,
            "The secrets that the settings hold (enrollment secret, database password, key passphrase, first password):"
                    + " less than " + LEAST_SCORE + " of zxcvbn's 4 points, some ten billion guesses, is a finding.",
            "NIST SP 800-63B, 5.1.1: a secret that is well known or easy to guess is none; those of machines are random."
                    + " “Rotate or disable the shared secret after provisioning.”",
            "Replace it by a random one (`openssl rand -hex 32`) where it is kept, then restart the server.");

    private static final Pattern PASSWORD = Pattern.compile("[?&]password=([^&]*)");

    private final Map<String, Secret> secrets;

    /** @param secrets by the setting's key */
    public WeakSecretPostureCheck(Map<String, Secret> secrets) {
        this.secrets = new TreeMap<>(secrets);
    }

    @Override
    public Rule rule() {
        return RULE;
    }

    @Override
    public List<Finding> find() {
        return secrets.entrySet().stream()
                .filter(secret -> itself(secret.getKey(), secret.getValue().reveal())
                        .filter(WeakSecretPostureCheck::isWeak)
                        .isPresent())
                .map(secret -> new Finding(
                        secret.getKey(),
                        "the secret is well known or easy to guess",
                        secret.getKey().equals("auto-enrollment-key")
                                ? "lyftdata enrollment disable, then take it out of the server's settings and restart"
                                : "replace it by the output of: openssl rand -hex 32"))
                .toList();
    }

    /** A database's URL holds more than the password, or none. */
    private static Optional<String> itself(String key, String value) {
        if (!key.equals("database-url")) {
            return Optional.of(value);
        }
        Matcher password = PASSWORD.matcher(value);
        return password.find() ? Optional.of(password.group(1)) : Optional.empty();
    }

    private static boolean isWeak(String secret) {
        String judged = secret.substring(0, Math.min(secret.length(), JUDGED));
        return new Zxcvbn().measure(judged, List.of("lyftdata", "admin")).getScore() < LEAST_SCORE;
    }
}
