package io.lyftdata.ledger;

import java.util.Optional;

/**
 * A line of the file: a JSON object whose last field, the seal, is over all characters before it.
 *
 * @param body all before the seal's field, ASCII
 */
record Sealed(String body, String seal) {
    private static final String END = "\"}";

    static Optional<Sealed> parse(String line, String name) {
        int at = line.lastIndexOf(field(name));
        return at < 0 || !line.endsWith(END)
                ? Optional.empty()
                : Optional.of(new Sealed(
                        line.substring(0, at),
                        line.substring(at + field(name).length(), line.length() - END.length())));
    }

    String text(String name) {
        return body + field(name) + seal + END;
    }

    private static String field(String name) {
        return ",\"" + name + "\":\"";
    }
}
