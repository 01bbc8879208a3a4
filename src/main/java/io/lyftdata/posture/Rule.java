package io.lyftdata.posture;

import io.lyftdata.api.posture.Severity;
import java.util.regex.Pattern;

/**
 * What a check is about; {@code docs/posture.md} is made from it.
 *
 * @param id words joined by dashes; never given another meaning, since waivers and dashboards hold it
 * @param looksAt what it looks at, and from where on that is a finding
 * @param why the sentence of the hardening page, or the standard, that asks for it
 * @param mend what to do about its findings
 */
public record Rule(String id, Severity severity, String looksAt, String why, String mend) {
    private static final Pattern ID = Pattern.compile("[a-z]+(-[a-z]+)*");

    public Rule {
        if (!ID.matcher(id).matches()) {
            throw new IllegalArgumentException("a check's id is lower-case words joined by dashes");
        }
    }
}
