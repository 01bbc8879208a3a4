package io.lyftdata.crypto;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PasswordHashTest {
    @Test
    void onlyThePasswordFits() {
        String hash = PasswordHash.of("four unrelated words");
        assertThat(hash).startsWith("$argon2id$v=19$m=19456,t=2,p=1$");
        assertThat(PasswordHash.matches("four unrelated words", hash)).isTrue();
        assertThat(PasswordHash.matches("four unrelated word", hash)).isFalse();
        assertThat(PasswordHash.isOutdated(hash)).isFalse();
        assertThat(PasswordHash.of("four unrelated words")).isNotEqualTo(hash);
    }

    @Test
    void agreesWithTheReferenceImplementation() {
        String vector = "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4";
        assertThat(PasswordHash.matches("password", vector)).isTrue();
        assertThat(PasswordHash.matches("Password", vector)).isFalse();
        assertThat(PasswordHash.isOutdated(vector)).isTrue();
    }

    @Test
    void oneSpellingOfUnicodeIsAsGoodAsAnother() {
        assertThat(PasswordHash.matches(
                        "Cafe\u0301 Cafe\u0301 Cafe\u0301", PasswordHash.of("Caf\u00e9 Caf\u00e9 Caf\u00e9")))
                .isTrue();
    }

    @Test
    void damagedHashesFitNothing() {
        for (String hash :
                new String[] {"", "x", "$argon2id$v=19$m=0,t=0,p=1$$", "$argon2i$v=19$m=19456,t=2,p=1$a$b"}) {
            assertThat(PasswordHash.matches("", hash)).isFalse();
        }
        assertThat(PasswordHash.matches("", PasswordHash.OF_NOBODY)).isFalse();
        assertThat(PasswordHash.isOutdated(PasswordHash.OF_NOBODY))
                .as("costs as much as a real one")
                .isFalse();
    }
}
