package io.lyftdata.authority;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lyftdata.authority.Ring.Phase;
import io.lyftdata.config.BadSetting;
import io.lyftdata.crypto.CertificateChain;
import io.lyftdata.crypto.CertifiedKey;
import io.lyftdata.testing.MovableClock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertPathValidator;
import java.security.cert.CertificateFactory;
import java.security.cert.PKIXParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Date;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The files of the authority, and what stands behind a leaf, from phase to phase. */
class AuthorityTest {
    private static final List<String> NAMES = List.of("localhost");
    private static final Duration LIFE = Duration.ofDays(90);

    @TempDir
    Path directory;

    private final MovableClock clock = new MovableClock();
    private final Set<String> retired = new HashSet<>();
    private Authority authority;

    @BeforeEach
    void open() throws IOException {
        authority = Authority.open(directory, "0123456789abcdef", retired::contains, clock);
    }

    private static String pin(CertifiedKey key) {
        return CertifiedKey.pin(key.certificate());
    }

    private List<X509Certificate> issued() {
        Authority.Issued issued = authority.issue(NAMES, LIFE);
        List<X509Certificate> chain = new ArrayList<>(List.of(issued.leaf().certificate()));
        chain.addAll(issued.chain());
        return chain;
    }

    /** By the platform's own path validation. */
    private void assertValid(List<X509Certificate> chain, X509Certificate anchor) throws Exception {
        int end = chain.indexOf(anchor) < 0 ? chain.size() : chain.indexOf(anchor);
        PKIXParameters parameters = new PKIXParameters(Set.of(new TrustAnchor(anchor, null)));
        parameters.setRevocationEnabled(false);
        parameters.setDate(Date.from(clock.instant()));
        CertPathValidator.getInstance("PKIX")
                .validate(CertificateFactory.getInstance("X.509").generateCertPath(chain.subList(0, end)), parameters);
    }

    @Test
    void whoeverKnowsOneOfTwoAuthoritiesFindsItInTheChain() throws Exception {
        X509Certificate elder = authority.ring().active().certificate();
        assertThat(issued()).hasSize(2).last().isEqualTo(elder);
        authority.replace(authority.ring().prepared(authority.successor()));
        X509Certificate successor = authority.ring().other().orElseThrow().certificate();
        assertThat(issued()).hasSize(2).last().isEqualTo(elder);
        assertThat(CertificateChain.parse(authority.bundle())).containsExactlyInAnyOrder(elder, successor);
        String revision = authority.revision();
        authority.replace(authority.ring().activated());
        assertThat(authority.revision()).isEqualTo(revision);
        List<X509Certificate> chain = issued();
        assertThat(chain).hasSize(3).last().isEqualTo(elder);
        assertValid(chain, elder);
        assertThat(CertifiedKey.pin(chain.get(1))).isEqualTo(CertifiedKey.pin(successor));
        assertValid(chain.subList(0, 1), successor);
        assertValid(chain.subList(0, 1), chain.get(1));
        assertThat(authority.vouches(chain)).isTrue();
        authority.replace(authority.ring().alone());
        assertThat(authority.vouches(chain)).isFalse();
        assertThat(issued()).hasSize(2).last().isEqualTo(successor);
        assertThat(successor.getSubjectX500Principal()).hasToString("CN=LyftData CA 01234567 G2");
        assertThat(authority.ring().nextName()).isEqualTo("LyftData CA 01234567 G3");
    }

    @Test
    void everyPhaseOutlivesARestart() throws IOException {
        String elder = authority.pin();
        CertifiedKey successor = authority.successor();
        authority.replace(authority.ring().prepared(successor));
        open();
        assertThat(authority.ring().phase()).isEqualTo(Phase.PREPARED);
        assertThat(authority.pin()).isEqualTo(elder);
        authority.replace(authority.ring().activated());
        open();
        assertThat(authority.ring().phase()).isEqualTo(Phase.ACTIVATED);
        assertThat(authority.pin()).isEqualTo(pin(successor));
        assertThat(pin(authority.ring().elder())).isEqualTo(elder);
        authority.replace(authority.ring().alone());
        open();
        assertThat(authority.ring()).isEqualTo(Ring.of(successor));
        assertThat(directory.resolve("ca.key.other")).doesNotExist();
        assertThat(Files.readString(directory.resolve("ca.key"))).isEqualTo(successor.keyPem());
    }

    @Test
    void aCrashBetweenTwoFilesLeavesOneOfTheTwoStates() throws IOException {
        CertifiedKey successor = authority.successor();
        authority.replace(authority.ring().prepared(successor));
        Files.writeString(
                directory.resolve("ca.crt"),
                "# phase: settled\n" + authority.ring().active().certificatePem());
        open();
        assertThat(authority.ring().phase()).isEqualTo(Phase.SETTLED);
        assertThat(directory.resolve("ca.key.other")).doesNotExist();

        authority.replace(authority.ring().prepared(successor));
        authority.replace(authority.ring().activated());
        Files.writeString(directory.resolve("ca.crt"), "# phase: settled\n" + successor.certificatePem());
        open();
        assertThat(authority.ring()).isEqualTo(Ring.of(successor));
        assertThat(Files.readString(directory.resolve("ca.key"))).isEqualTo(successor.keyPem());
    }

    @Test
    void aRetiredAuthorityNeverReturns() throws IOException {
        String elder = authority.pin();
        authority.replace(authority.ring().prepared(authority.successor()));
        authority.replace(authority.ring().activated());
        String successor = authority.pin();
        retired.add(elder);
        open();
        assertThat(authority.ring().phase())
                .as("the ledger knew before a crash")
                .isEqualTo(Phase.SETTLED);
        assertThat(authority.pin()).isEqualTo(successor);
        retired.add(successor);
        assertThatThrownBy(this::open)
                .isInstanceOf(BadSetting.class)
                .hasMessageContaining("holds the authority " + successor + ", which was retired");
    }

    @Test
    void aLeafDoesNotOutliveItsAuthority() {
        clock.advance(Duration.ofDays(3640));
        assertThat(issued().get(0).getNotAfter())
                .isEqualTo(authority.ring().active().certificate().getNotAfter());
    }
}
