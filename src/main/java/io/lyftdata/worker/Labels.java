package io.lyftdata.worker;

import io.lyftdata.api.Code;
import io.lyftdata.api.Refusal;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;

/** The rule for labels: at most 32, keys of 1 to 63 plain characters, values of up to 128 printable ones. */
public final class Labels {
    private static final int MOST = 32;
    private static final Pattern KEY = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._/-]{0,62}");
    private static final Pattern VALUE = Pattern.compile("[\\p{L}\\p{N}\\p{P}\\p{S} &&[^,=]]{0,128}");

    private Labels() {}

    /**
     * A sorted copy; none for null.
     *
     * @throws Refusal {@code unprocessable}, naming the label
     */
    public static Map<String, String> checked(Map<String, String> labels) {
        if (labels == null) {
            return Map.of();
        }
        if (labels.size() > MOST) {
            throw new Refusal(Code.UNPROCESSABLE, "a worker has at most " + MOST + " labels");
        }
        labels.forEach((key, value) -> {
            if (key == null || !KEY.matcher(key).matches()) {
                throw new Refusal(
                        Code.UNPROCESSABLE,
                        "a label's key is 1 to 63 letters, digits, '.', '_', '/' or '-' and begins with a letter or digit");
            }
            if (value == null || !VALUE.matcher(value).matches()) {
                throw new Refusal(
                        Code.UNPROCESSABLE,
                        "the value of label " + key + " must be at most 128 printable characters without ',' and '='");
            }
        });
        return new TreeMap<>(labels);
    }
}
