package io.lyftdata.posture;

import java.util.Objects;

/**
 * One thing that is wrong.
 *
 * @param subject what it is about, the same from run to run and never a secret: a public id, a name, a path, a setting
 * @param sentence what is wrong with it
 * @param remedy a command, or a setting of {@code config.yml}, that mends it as it stands there
 */
public record Finding(String subject, String sentence, String remedy) {
    public Finding {
        Objects.requireNonNull(subject);
        Objects.requireNonNull(sentence);
        Objects.requireNonNull(remedy);
    }
}
