package io.lyftdata.certificate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lyftdata.authority.Authority;
import io.lyftdata.config.BadSetting;
import io.lyftdata.crypto.CertificateChain;
import io.lyftdata.testing.MovableClock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OwnMaterialTest {
    private static final String INSTALLATION = "0123456789abcdef";
    private static final List<String> NAMES = List.of("localhost", "127.0.0.1", "::1");

    @TempDir
    Path directory;

    private final MovableClock clock = new MovableClock();

    private X509Certificate open(List<String> names) throws IOException {
        Authority authority = Authority.open(directory, INSTALLATION, any -> false, clock);
        return new OwnMaterial(directory, names, authority, clock).open().leaf();
    }

    @Test
    void hasWhatRfc5280AndBrowsersAskOfAServer() throws Exception {
        X509Certificate leaf = open(NAMES);
        X509Certificate authority = CertificateChain.parse(Authority.open(directory, INSTALLATION, any -> false, clock)
                        .bundle())
                .get(0);
        leaf.verify(authority.getPublicKey());
        assertThat(leaf.getPublicKey().getAlgorithm()).isEqualTo("EC");
        assertThat(leaf.getSigAlgName()).isEqualTo("SHA256withECDSA");
        assertThat(leaf.getBasicConstraints()).isEqualTo(-1);
        assertThat(leaf.getExtendedKeyUsage()).containsExactly("1.3.6.1.5.5.7.3.1");
        assertThat(leaf.getKeyUsage()).startsWith(true, false, false);
        assertThat(Duration.between(
                        leaf.getNotBefore().toInstant(), leaf.getNotAfter().toInstant()))
                .isLessThanOrEqualTo(Duration.ofDays(90).plusMinutes(5));
        assertThat(leaf.getSubjectAlternativeNames()).hasSize(3);
        assertThat(authority.getBasicConstraints())
                .as("its successor, and leaves")
                .isOne();
        assertThat(authority.getKeyUsage()[5]).isTrue();
        for (String key : List.of("ca.key", "server.key")) {
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(directory.resolve(key))))
                    .isEqualTo("rw-------");
        }
    }

    @Test
    void isKeptOverRestartsUntilAThirdOfItsLifeIsLeft() throws IOException {
        X509Certificate first = open(NAMES);
        clock.advance(Duration.ofDays(59));
        assertThat(open(NAMES)).isEqualTo(first);
        clock.advance(Duration.ofDays(2));
        assertThat(open(NAMES)).isNotEqualTo(first);
    }

    @Test
    void isRenewedForANewNameUnderTheSamePin() throws IOException {
        String pin =
                Authority.open(directory, INSTALLATION, any -> false, clock).pin();
        X509Certificate first = open(NAMES);
        assertThat(open(List.of("localhost", "10.0.0.7"))).isNotEqualTo(first);
        assertThat(Authority.open(directory, INSTALLATION, any -> false, clock).pin())
                .isEqualTo(pin);
    }

    @Test
    void replacesADamagedCertificateButNeverAnAuthority() throws IOException {
        X509Certificate first = open(NAMES);
        Files.writeString(directory.resolve("server.crt"), "rubbish");
        assertThat(open(NAMES)).isNotEqualTo(first);
        Files.writeString(directory.resolve("ca.key"), "rubbish");
        assertThatThrownBy(() -> open(NAMES)).isInstanceOf(BadSetting.class).hasMessageContaining("is damaged");
        Files.delete(directory.resolve("ca.key"));
        assertThatThrownBy(() -> open(NAMES)).isInstanceOf(BadSetting.class).hasMessageContaining("is missing");
    }
}
