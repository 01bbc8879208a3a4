package io.lyftdata.auth;

import io.lyftdata.api.Code;
import io.lyftdata.api.Refusal;
import io.lyftdata.crypto.KeyString;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads the {@code Authorization} header (RFC 9110, section 11.6.2): at most one credential, in one of our forms. */
public final class AuthorizationHeader {
    public static final String NAME = "Authorization";

    /** In characters: of what stands behind {@code Enrollment}. */
    public static final int LONGEST_SECRET = 512;

    private static final int MAX_LENGTH = 1024;
    private static final Pattern FORM = Pattern.compile("([A-Za-z]{1,20})(?: +([!-~]+))?");
    private static final Pattern SECRET = Pattern.compile("[!-~&&[^,]]{1," + LONGEST_SECRET + "}");
    private static final Pattern WORD = Pattern.compile("[A-Za-z0-9._-]{1,64}");
    private static final String NAMELESS = "collector";

    private AuthorizationHeader() {}

    /** What a request carries. */
    public sealed interface Credential {
        /** In one word, for counting. */
        String kind();
    }

    /** Nothing. */
    public record None() implements Credential {
        @Override
        public String kind() {
            return "none";
        }
    }

    /** A key of ours whose check digits fit. */
    public record Key(KeyString key) implements Credential {
        @Override
        public String kind() {
            return key.kind().name().toLowerCase(Locale.ROOT);
        }
    }

    /** The enrollment secret. */
    public record Enrollment(String secret) implements Credential {
        @Override
        public String kind() {
            return "enrollment";
        }

        @Override
        public String toString() {
            return "Enrollment[secret=[redacted]]";
        }
    }

    /** The wish to be taken as an allowlisted collector, which calls itself so. */
    public record Collector(String name) implements Credential {
        @Override
        public String kind() {
            return "collector";
        }
    }

    /** Something else; the sentence says what is wrong with it. */
    public record Malformed(String sentence) implements Credential {
        @Override
        public String kind() {
            return "malformed";
        }
    }

    /** Whether a secret of the operator's choice can travel behind {@code Enrollment}. */
    public static boolean canCarry(String secret) {
        return SECRET.matcher(secret).matches();
    }

    /**
     * The one credential.
     *
     * @param lines the header's lines; null or empty when there is none
     * @throws Refusal 400 when there is more than one
     */
    public static Credential parse(List<String> lines) {
        if (lines == null || lines.isEmpty()) {
            return new None();
        }
        String line = lines.get(0);
        if (lines.size() > 1 || line.indexOf(',') >= 0) {
            throw new Refusal(Code.BAD_REQUEST, "more than one credential: send one Authorization header with one");
        }
        Matcher form = FORM.matcher(line);
        if (line.length() > MAX_LENGTH || !form.matches()) {
            return new Malformed("the Authorization header cannot be read: write the scheme, a space, the credential");
        }
        Optional<String> text = Optional.ofNullable(form.group(2));
        return switch (form.group(1).toLowerCase(Locale.ROOT)) {
            case "bearer" -> key(text.orElse(""));
            case "enrollment" -> enrollment(text.orElse(""));
            case "whitelist" -> collector(text.orElse(NAMELESS));
            default ->
                new Malformed("this Authorization scheme is not known here: use Bearer, Enrollment or WHITELIST");
        };
    }

    private static Credential key(String text) {
        Optional<KeyString> key = KeyString.parse(text);
        if (key.isPresent()) {
            return new Key(key.get());
        }
        return new Malformed(
                text.startsWith("lyd_")
                        ? "the key is mistyped or cut off: its check digits do not fit; copy it again, whole"
                        : "this is no key of this server: its keys begin with lyd_");
    }

    private static Credential enrollment(String text) {
        return canCarry(text)
                ? new Enrollment(text)
                : new Malformed("the enrollment secret is missing, too long, or no printable ASCII without spaces");
    }

    private static Credential collector(String name) {
        return WORD.matcher(name).matches()
                ? new Collector(name)
                : new Malformed("the collector's name has 1 to 64 letters, digits, dots, dashes or underscores");
    }
}
