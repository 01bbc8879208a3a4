package io.lyftdata.account;

import com.nulabinc.zxcvbn.Zxcvbn;
import io.lyftdata.config.Secret;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Which passwords are taken: 12 to 256 characters, without the user's name, and neither well known nor easy to guess,
 * which is judged by zxcvbn: at least 3 of its 4 points, some 100 million guesses.
 */
final class PasswordRules {
    private static final int SHORTEST = 12;
    private static final int LONGEST = 256;
    private static final int LEAST_SCORE = 3;
    /** The judge's time grows with the square of the length; this much is hard to guess if any of it is. */
    private static final int JUDGED = 64;

    private static final int NAME_THAT_COUNTS = 3;

    private PasswordRules() {}

    /** What is wrong with it, as a sentence without the password; empty when it is taken. */
    static Optional<String> objection(String user, Secret password) {
        String text = password.reveal();
        int length = text.codePointCount(0, text.length());
        if (length < SHORTEST || length > LONGEST) {
            return Optional.of("the password must have " + SHORTEST + " to " + LONGEST + " characters");
        }
        if (user.length() >= NAME_THAT_COUNTS
                && text.toLowerCase(Locale.ROOT).contains(user.toLowerCase(Locale.ROOT))) {
            return Optional.of("the password must not contain the user's name");
        }
        String judged = text.substring(0, Math.min(text.length(), JUDGED));
        if (new Zxcvbn().measure(judged, List.of(user, "lyftdata")).getScore() < LEAST_SCORE) {
            return Optional.of(
                    "the password is well known or easy to guess: take four unrelated words, or a random one");
        }
        return Optional.empty();
    }
}
