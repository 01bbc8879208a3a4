package io.lyftdata.crypto;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lyftdata.config.BadSetting;
import io.lyftdata.config.Secret;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SigningKeyTest {
    private static final byte[] MESSAGE = "message".getBytes(StandardCharsets.UTF_8);

    @TempDir
    Path directory;

    private Path file;

    @BeforeEach
    void setUp() {
        file = directory.resolve("signing.key");
    }

    @Test
    void recognisesAfterARestartWhatItSignedAndNamed() throws IOException {
        SigningKey made = SigningKey.open(file);
        SigningKey read = SigningKey.open(file);
        assertThat(read.signed(MESSAGE, made.sign(MESSAGE))).isTrue();
        assertThat(read.publicKey()).isEqualTo(made.publicKey());
        assertThat(read.fingerprint()).isEqualTo(made.fingerprint()).matches("sha256:[0-9a-f]{64}");
        assertThat(read.fingerprint(new Secret("one")))
                .isEqualTo(made.fingerprint(new Secret("one")))
                .isNotEqualTo(made.fingerprint(new Secret("two")))
                .matches("hmac-sha256:[0-9a-f]{64}");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
    }

    @Test
    void knowsNothingOfAnotherInstallations() throws IOException {
        SigningKey own = SigningKey.open(file);
        SigningKey other = SigningKey.open(directory.resolve("other.key"));
        assertThat(own.signed(MESSAGE, other.sign(MESSAGE))).isFalse();
        assertThat(own.signed(MESSAGE, null)).isFalse();
        assertThat(own.fingerprint(new Secret("one"))).isNotEqualTo(other.fingerprint(new Secret("one")));
    }

    @Test
    void refusesADamagedFileInsteadOfMakingANewKey() throws IOException {
        SigningKey.open(file);
        String pem = Files.readString(file);
        SigningKey.open(directory.resolve("other.key"));
        String other = Files.readString(directory.resolve("other.key"));
        String mixed = pem.substring(0, pem.indexOf("-----BEGIN PUBLIC"))
                + other.substring(other.indexOf("-----BEGIN PUBLIC"));
        for (String damaged : new String[] {"", pem.substring(0, 90), mixed}) {
            Files.writeString(file, damaged);
            assertThatThrownBy(() -> SigningKey.open(file))
                    .isInstanceOf(BadSetting.class)
                    .hasMessage(file + " is damaged; restore it from a backup");
        }
    }
}
