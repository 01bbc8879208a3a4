package io.lyftdata.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lyftdata.api.Code;
import io.lyftdata.api.Refusal;
import io.lyftdata.auth.AuthorizationHeader.Collector;
import io.lyftdata.auth.AuthorizationHeader.Credential;
import io.lyftdata.auth.AuthorizationHeader.Enrollment;
import io.lyftdata.auth.AuthorizationHeader.Malformed;
import io.lyftdata.auth.AuthorizationHeader.None;
import io.lyftdata.crypto.KeyString;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class AuthorizationHeaderTest {
    private static final KeyString KEY = KeyString.generate(KeyString.Kind.WORKER);

    private static Credential parse(String line) {
        return AuthorizationHeader.parse(List.of(line));
    }

    @Test
    void noHeaderIsNoCredential() {
        assertThat(AuthorizationHeader.parse(null)).isEqualTo(new None());
        assertThat(AuthorizationHeader.parse(List.of())).isEqualTo(new None());
    }

    @ParameterizedTest
    @EnumSource(KeyString.Kind.class)
    void keysOfEveryKindAreRead(KeyString.Kind kind) {
        KeyString key = KeyString.generate(kind);
        assertThat(parse("Bearer " + key.reveal())).isInstanceOfSatisfying(AuthorizationHeader.Key.class, found -> {
            assertThat(found.key().reveal()).isEqualTo(key.reveal());
            assertThat(found.key().kind()).isEqualTo(kind);
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"Bearer ", "bearer ", "BEARER ", "bEaReR ", "Bearer   "})
    void theSchemesCaseDoesNotMatter(String scheme) {
        assertThat(parse(scheme + KEY.reveal())).isInstanceOf(AuthorizationHeader.Key.class);
    }

    @Test
    void secretsAndCollectorsAreRead() {
        assertThat(parse("Enrollment a%b\"c=d;e")).isEqualTo(new Enrollment("a%b\"c=d;e"));
        assertThat(parse("enrollment x")).isEqualTo(new Enrollment("x"));
        assertThat(parse("WHITELIST")).isEqualTo(new Collector("collector"));
        assertThat(parse("WHITELIST prometheus-1")).isEqualTo(new Collector("prometheus-1"));
        assertThat(parse("whitelist any")).isEqualTo(new Collector("any"));
    }

    @Test
    void aMistypedKeyIsRefusedWithoutALookUp() {
        String text = KEY.reveal();
        for (int i = "lyd_".length(); i < text.length(); i++) {
            char wrong = text.charAt(i) == 'a' ? 'b' : 'a';
            assertThat(parse("Bearer " + text.substring(0, i) + wrong + text.substring(i + 1)))
                    .isInstanceOfSatisfying(
                            Malformed.class,
                            found -> assertThat(found.sentence()).startsWith("the key is mistyped"));
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "Bearer",
                "Bearer ",
                "Bearer x",
                "Bearer\tKEY",
                "Bearer \tKEY",
                "Bearer KEY\t",
                "Bearer KEY ",
                "Bearer  KEY x",
                "BearerKEY",
                " Bearer KEY",
                "Bearer: KEY",
                "Bearer=KEY",
                "Bearer \"KEY\"",
                "Bearer KEY;",
                "Bearer %6cyd",
                "Bearer KEY\0",
                "Bearer KEY\n",
                "Bearer KEY\r\nX: y",
                "Bearer\u00a0KEY",
                "Bearer K\u0415Y",
                "KEY",
                "Basic YWRtaW46YWRtaW4=",
                "Digest username=\"a\"",
                "Negotiate x",
                "Token KEY",
                "ApiKey KEY",
                "Bearer Bearer KEY",
                "Enrollment",
                "Enrollment ",
                "Enrollment a b",
                "Enrollment \u00e9",
                "WHITELIST ",
                "WHITELIST a b",
                "WHITELIST a/b",
                "WHITELIST \"a\"",
                "WHITELIST\ta",
                "WHITELISTED",
                "WHITELIST=a",
                "White List",
                "BEARER2 KEY",
                "\u212aEY",
                "Beare\u0131 KEY",
                "Bearer key",
            })
    void anythingElseIsMalformed(String line) {
        assertThat(parse(line.replace("KEY", KEY.reveal())
                        .replace("key", KEY.reveal().toUpperCase(Locale.ROOT))))
                .isInstanceOf(Malformed.class);
    }

    @Test
    void longLinesAreMalformed() {
        assertThat(parse("Bearer " + "a".repeat(9 * 1024))).isInstanceOf(Malformed.class);
        assertThat(parse("Enrollment " + "a".repeat(513))).isInstanceOf(Malformed.class);
        assertThat(parse("WHITELIST " + "a".repeat(65))).isInstanceOf(Malformed.class);
        assertThat(parse("Bearer" + " ".repeat(9 * 1024) + KEY.reveal())).isInstanceOf(Malformed.class);
    }

    @Test
    void moreThanOneCredentialIsABadRequest() {
        String good = "Bearer " + KEY.reveal();
        for (List<String> lines : List.of(
                List.of(good, good),
                List.of(good, "WHITELIST"),
                List.of("", good),
                List.of(good + ", " + good),
                List.of(good + ","),
                List.of("WHITELIST, " + good),
                List.of("Enrollment a,b"))) {
            assertThatThrownBy(() -> AuthorizationHeader.parse(lines))
                    .isInstanceOfSatisfying(
                            Refusal.class, refusal -> assertThat(refusal.code()).isEqualTo(Code.BAD_REQUEST));
        }
    }

    @Test
    void onlyWhatTheGrammarAllowsBecomesACredential() {
        Random random = new Random(20261123);
        List<String> pieces = List.of(
                "Bearer",
                "bearer",
                "WHITELIST",
                "Enrollment",
                "Basic",
                " ",
                "  ",
                "\t",
                ",",
                "lyd_",
                "wk_",
                KEY.reveal(),
                KEY.reveal().substring(0, 100),
                "a",
                "%20",
                "\u00a0",
                "\0",
                "=",
                "\"",
                "-");
        for (int i = 0; i < 20_000; i++) {
            List<String> chosen = new ArrayList<>();
            for (int length = random.nextInt(6); length > 0; length--) {
                chosen.add(pieces.get(random.nextInt(pieces.size())));
            }
            AuthorizationHeaderFuzzTest.assertSound(List.of(String.join("", chosen)));
        }
    }

    @Test
    void noCredentialPrintsItself() {
        assertThat(parse("Bearer " + KEY.reveal()).toString()).doesNotContain(KEY.reveal());
        assertThat(parse("Enrollment topsecret").toString()).doesNotContain("topsecret");
        assertThat(parse("Bearer lyd_topsecret").toString()).doesNotContain("topsecret");
    }
}
