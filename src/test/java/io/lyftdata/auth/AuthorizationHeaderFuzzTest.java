package io.lyftdata.auth;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;
import io.lyftdata.api.Code;
import io.lyftdata.api.Refusal;
import io.lyftdata.auth.AuthorizationHeader.Collector;
import io.lyftdata.auth.AuthorizationHeader.Credential;
import io.lyftdata.auth.AuthorizationHeader.Enrollment;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** Runs its inputs in every build; {@code JAZZER_FUZZ=1} with {@code -Djazzer.hooks=true} goes on from them. */
class AuthorizationHeaderFuzzTest {
    private static final Pattern KEY = Pattern.compile("(?i:bearer) +lyd_(se|at|wk|en|ho)_[0-9a-f]{32}_[0-9a-f]{72}");
    private static final Pattern ENROLLMENT = Pattern.compile("(?i:enrollment) +[!-~&&[^,]]{1,512}");
    private static final Pattern COLLECTOR = Pattern.compile("(?i:whitelist)( +[A-Za-z0-9._-]{1,64})?");

    @FuzzTest(maxDuration = "30s")
    void neverMakesACredentialOfAnythingElse(FuzzedDataProvider data) {
        List<String> lines = new ArrayList<>();
        for (int count = data.consumeInt(0, 3); count > 0; count--) {
            lines.add(data.consumeString(2000));
        }
        assertSound(lines);
    }

    /** Whatever the lines: more than one is a bad request, and a credential stands in them as the grammar has it. */
    static void assertSound(List<String> lines) {
        Credential credential;
        try {
            credential = AuthorizationHeader.parse(lines);
        } catch (Refusal refusal) {
            assertThat(refusal.code()).isEqualTo(Code.BAD_REQUEST);
            assertThat(lines.size() > 1 || lines.get(0).contains(",")).isTrue();
            return;
        }
        assertThat(lines.size()).isLessThan(2);
        if (credential instanceof AuthorizationHeader.Key key) {
            assertThat(lines.get(0)).matches(KEY).endsWith(key.key().reveal());
        } else if (credential instanceof Enrollment enrollment) {
            assertThat(lines.get(0)).matches(ENROLLMENT).endsWith(enrollment.secret());
        } else if (credential instanceof Collector) {
            assertThat(lines.get(0)).matches(COLLECTOR);
        }
    }
}
