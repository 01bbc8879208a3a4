package io.lyftdata.account;

import static org.assertj.core.api.Assertions.assertThat;

import io.lyftdata.config.Secret;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PasswordRulesTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "''|12 to 256",
                "x7Kq!pw2Lm9|12 to 256",
                "passwordpassword|well known",
                "password1234|well known",
                "P@ssw0rd1234|well known",
                "123456789012|well known",
                "qwertyuiop123|well known",
                "aaaaaaaaaaaaaaaaaaaaaaaa|well known",
                "changemechangeme|well known",
                "lyftdatalyftdata|well known",
                "correct-ALICE-horse-staple|user's name",
            })
    void badPasswordsAreRefusedWithTheReason(String password, String reason) {
        assertThat(PasswordRules.objection("alice", new Secret(password)))
                .hasValueSatisfying(sentence ->
                        assertThat(sentence).contains(reason).doesNotContain(password.isEmpty() ? "\0" : password));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "correct horse battery staple",
                "x7Kq!pw2Lm9z",
                "blue-horse-9-lamp",
                "\u03b1\u03b2\u03b3 zebra \u65e5\u672c lamp",
                "0f1e2d3c4b5a69788796a5b4c3d2e1f0"
            })
    void goodPasswordsAreTaken(String password) {
        assertThat(PasswordRules.objection("alice", new Secret(password))).isEmpty();
        assertThat(PasswordRules.objection("a", new Secret(password))).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(ints = {256, 257, 60_000})
    void longPasswordsAreJudgedQuickly(int length) {
        String password = "blue-horse-9-lamp".repeat(length / 17 + 1).substring(0, length);
        assertThat(PasswordRules.objection("alice", new Secret(password)).isPresent())
                .isEqualTo(length > 256);
    }
}
