package io.lyftdata.posture;

import java.nio.file.Path;
import java.util.Objects;
import java.util.regex.Pattern;

/**
 * One thing that is wrong.
 *
 * @param subject what it is about, the same from run to run and never a secret: a public id, a name, a path, a setting
 * @param sentence what is wrong with it
 * @param remedy a command, or a setting of {@code config.yml}, that mends it as it stands there
 */
public record Finding(String subject, String sentence, String remedy) {
    private static final Pattern PLAIN = Pattern.compile("[A-Za-z0-9/._:@%+=-]+");

    public Finding {
        Objects.requireNonNull(subject);
        Objects.requireNonNull(sentence);
        Objects.requireNonNull(remedy);
    }

    /** A path as a shell takes it for one word. */
    public static String word(Path path) {
        String text = path.toString();
        return PLAIN.matcher(text).matches() ? text : "'" + text.replace("'", "'\\''") + "'";
    }
}
