package io.lyftdata.client;

import io.lyftdata.config.BadSetting;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * How the server's certificate is judged.
 *
 * @param caFile PEM file of certificate authorities; empty: the JVM's own, unless there are pins
 * @param pins {@code sha256:<64 lower-case hex digits>} of a CA's public key (SubjectPublicKeyInfo)
 * @param bundle PEM text of authorities that the server handed out over a trusted connection
 * @param insecure every certificate passes: for evaluation only
 */
public record Trust(Optional<Path> caFile, List<String> pins, Optional<String> bundle, boolean insecure) {
    private static final Pattern PIN = Pattern.compile("sha256:[0-9a-f]{64}");

    public Trust {
        pins = List.copyOf(pins);
        if (insecure && (caFile.isPresent() || !pins.isEmpty())) {
            throw new BadSetting("--tls-insecure accepts every server, so --tls-pin or --tls-ca beside it would check"
                    + " nothing: leave --tls-insecure out");
        }
        if (caFile.isPresent() && !pins.isEmpty()) {
            throw new BadSetting("--tls-ca and --tls-pin are both given: leave one of them out");
        }
    }

    /** The JVM's own trust store. */
    public static Trust ofJvm() {
        return new Trust(Optional.empty(), List.of(), Optional.empty(), false);
    }

    public static Trust ofPins(String commaSeparated) {
        return new Trust(Optional.empty(), parsePins(commaSeparated), Optional.empty(), false);
    }

    public static Trust ofCaFile(Path file) {
        return new Trust(Optional.of(file), List.of(), Optional.empty(), false);
    }

    public static Trust ofEveryone() {
        return new Trust(Optional.empty(), List.of(), Optional.empty(), true);
    }

    /**
     * Anchored in those authorities, and in those of pins that were given after them.
     *
     * @param pem at least one certificate
     */
    public static Trust ofBundle(String pem, List<String> newerPins) {
        return new Trust(Optional.empty(), newerPins, Optional.of(pem), false);
    }

    /**
     * Pins in lower case, in order, each once.
     *
     * @throws BadSetting when one of them is none
     */
    public static List<String> parsePins(String commaSeparated) {
        List<String> pins = Arrays.stream(commaSeparated.split(",", -1))
                .map(pin -> pin.strip().toLowerCase(Locale.ROOT))
                .distinct()
                .toList();
        if (!pins.stream().allMatch(pin -> PIN.matcher(pin).matches())) {
            throw new BadSetting("--tls-pin (LYFTDATA_TLS_PIN) must be sha256: and 64 hex digits, as the server printed"
                    + " it at its first start; several are separated by commas");
        }
        return pins;
    }

    /** The pins of all certificates in the PEM text; none when it holds none. */
    public static List<String> pinsOf(String pem) {
        return Tls.pinsIn(pem);
    }
}
