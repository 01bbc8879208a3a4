package io.lyftdata.certificate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lyftdata.config.BadSetting;
import io.lyftdata.config.Secret;
import io.lyftdata.crypto.CertifiedKey;
import io.lyftdata.testing.MovableClock;
import io.lyftdata.testing.TestCertificates;
import io.lyftdata.testing.TestCertificates.Wish;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GivenMaterialTest {
    private static final MovableClock CLOCK = new MovableClock();
    private static final Instant NOW = CLOCK.instant();
    private static final Demands ANY = new Demands(List.of(), Optional.of("127.0.0.1"));
    private static final String PASSPHRASE = "a passphrase with ümlauts";

    private static final CertifiedKey ROOT =
            Wish.authority("root", "P-256", NOW).selfSigned();
    private static final CertifiedKey MIDDLE =
            Wish.authority("middle", "P-256", NOW).by(ROOT);
    private static final CertifiedKey LEAF = Wish.leaf("P-256", NOW).by(MIDDLE);
    private static final String CHAIN = LEAF.certificatePem() + MIDDLE.certificatePem() + ROOT.certificatePem();

    @TempDir
    Path directory;

    private GivenMaterial given(String certificates, String key) throws IOException {
        return given(certificates, key, ANY);
    }

    private GivenMaterial given(String certificates, String key, Demands demands) throws IOException {
        return given(certificates, key, demands, null, Map.of());
    }

    private GivenMaterial given(
            String certificates, String key, Demands demands, String passphrase, Map<String, String> environment)
            throws IOException {
        Path cert = TestCertificates.write(directory.resolve("server.crt"), certificates);
        Path keyFile = TestCertificates.write(directory.resolve("server.key"), key);
        Secret secret = passphrase == null ? null : new Secret(passphrase);
        return new GivenMaterial(new GivenMaterial.Place(cert, keyFile, secret), demands, environment, CLOCK);
    }

    private void refused(GivenMaterial material, String setting, String reason) {
        assertThatThrownBy(material::open)
                .isInstanceOf(BadSetting.class)
                .hasMessageStartingWith(setting + ": " + directory)
                .hasMessageContaining(reason)
                .hasNoCause();
    }

    private void refusedLeaf(Wish leaf, String reason) throws IOException {
        CertifiedKey made = leaf.by(ROOT);
        refused(given(made.certificatePem() + ROOT.certificatePem(), made.keyPem()), "tls-cert", reason);
    }

    @ParameterizedTest
    @ValueSource(strings = {"RSA-2048", "P-256", "P-384", "Ed25519"})
    void takesEveryKindOfKeyInEveryForm(String kind) throws IOException {
        CertifiedKey leaf = Wish.leaf(kind, NOW).by(ROOT);
        String chain = leaf.certificatePem() + ROOT.certificatePem();
        assertThat(given(chain, leaf.keyPem()).open().leaf()).isEqualTo(leaf.certificate());
        String encrypted = TestCertificates.encrypted(leaf.key(), PASSPHRASE);
        assertThat(given(chain, encrypted, ANY, PASSPHRASE, Map.of()).open().key())
                .isEqualTo(leaf.key());
        if (!kind.equals("Ed25519")) {
            assertThat(given(chain, TestCertificates.traditional(leaf.key()))
                            .open()
                            .leaf())
                    .isEqualTo(leaf.certificate());
        }
    }

    @Test
    void mendsTheOrderAndLeavesStrangersOut() throws IOException {
        String jumbled = ROOT.certificatePem()
                + "bag attributes\n"
                + MIDDLE.certificatePem().replace("\n", "\r\n")
                + LEAF.keyPem()
                + LEAF.certificatePem();
        GivenMaterial mended = given(jumbled, jumbled);
        assertThat(mended.open().chain()).containsExactly(LEAF.certificate(), MIDDLE.certificate(), ROOT.certificate());
        assertThat(mended.notes()).singleElement().asString().contains("not in the order");
        CertifiedKey stranger = Wish.authority("stranger", "P-256", NOW).selfSigned();
        GivenMaterial more = given(stranger.certificatePem() + CHAIN, LEAF.keyPem());
        assertThat(more.open().chain()).hasSize(3);
        assertThat(more.notes()).singleElement().asString().contains("are not served");
    }

    @Test
    void namesTheFileAndWhatIsWrongWithTheText() throws IOException {
        String key = LEAF.keyPem();
        refused(given("", key), "tls-cert", "holds no certificate");
        refused(given(key, key), "tls-cert", "holds no certificate");
        refused(given(CHAIN, CHAIN), "tls-key", "holds no private key");
        refused(given(CHAIN, key + key), "tls-key", "holds 2 private keys");
        refused(given(CHAIN.substring(0, 300), key), "tls-cert", "has no END line: it was cut off");
        refused(given(CHAIN.replaceFirst("MII", "M*I"), key), "tls-cert", "no base64");
        refused(given(CHAIN.replaceFirst("MII", "AII"), key), "tls-cert", "certificates is damaged");
        refused(given("-----BEGIN \n\n-----", key), "tls-cert", "damaged BEGIN line");
        refused(given(CHAIN, key.replaceFirst("KEY-----\nM", "KEY-----\nA")), "tls-key", "private key is damaged");
        refused(given(CHAIN, key.replace("PRIVATE", "DSA PRIVATE")), "tls-key", "is no key that a TLS server can use");
        refused(given(CHAIN, key.replace("PRIVATE", "RSA PRIVATE")), "tls-key", "private key is damaged");
        refused(
                given(CHAIN, key.replace("KEY-----\nM", "KEY-----\nProc-Type: 4,ENCRYPTED\n\nM")),
                "tls-key",
                "openssl pkcs8 -topk8");
        refused(given("x".repeat(1024 * 1024 + 1), key), "tls-cert", "longer than any PEM file");
        refused(given(ROOT.certificatePem().repeat(65), key), "tls-cert", "more than 64 certificates");
    }

    @Test
    void saysWhichKeyOrPassphraseDoesNotFit() throws IOException {
        CertifiedKey other = Wish.leaf("P-256", NOW).by(ROOT);
        refused(given(CHAIN, other.keyPem()), "tls-cert", "no certificate in it belongs to the key in tls-key");
        CertifiedKey rsa = Wish.leaf("RSA-2048", NOW).by(ROOT);
        refused(given(CHAIN, rsa.keyPem()), "tls-cert", "no certificate in it belongs to the key");
        String encrypted = TestCertificates.encrypted(LEAF.key(), PASSPHRASE);
        refused(given(CHAIN, encrypted), "tls-key", "set LYFTDATA_TLS_KEY_PASSPHRASE");
        GivenMaterial wrong = given(CHAIN, encrypted, ANY, "canary", Map.of());
        refused(wrong, "tls-key", "does not open with LYFTDATA_TLS_KEY_PASSPHRASE");
        assertThatThrownBy(wrong::open).hasMessageNotContaining("canary");
    }

    @Test
    void refusesWhatClientsWouldRefuse() throws IOException {
        refusedLeaf(Wish.leaf("P-256", NOW).living(NOW.minus(Duration.ofDays(9)), Duration.ofDays(8)), "expired at");
        refusedLeaf(Wish.leaf("P-256", NOW).living(NOW.plusSeconds(1), Duration.ofDays(8)), "is not valid before");
        refusedLeaf(Wish.leaf("P-256", NOW).named(), "names no host (subjectAltName)");
        refusedLeaf(Wish.leaf("RSA-1024", NOW), "RSA key of 1024 bits");
        refusedLeaf(Wish.leaf("P-521", NOW), "another curve than P-256 and P-384");
        refusedLeaf(Wish.leaf("P-256", NOW).signedWith("SHA1withECDSA"), "is signed with SHA1withECDSA");
        CertifiedKey rsaRoot = Wish.authority("rsa", "RSA-2048", NOW).selfSigned();
        CertifiedKey pss =
                Wish.leaf("P-256", NOW).signedWith("SHA1withRSAandMGF1").by(rsaRoot);
        refused(
                given(pss.certificatePem() + rsaRoot.certificatePem(), pss.keyPem()),
                "tls-cert",
                "is signed with RSASSA-PSS over SHA-1");
        CertifiedKey goodPss =
                Wish.leaf("P-256", NOW).signedWith("SHA256withRSAandMGF1").by(rsaRoot);
        assertThat(given(goodPss.certificatePem() + rsaRoot.certificatePem(), goodPss.keyPem())
                        .open()
                        .chain())
                .hasSize(2);
        refusedLeaf(Wish.leaf("P-256", NOW).usedFor(KeyPurposeId.id_kp_clientAuth), "does not allow TLS servers");
        refused(
                given(LEAF.certificatePem() + ROOT.certificatePem(), LEAF.keyPem()),
                "tls-cert",
                "append the " + "certificate of CN=middle, which signed CN=server");
        CertifiedKey old = Wish.authority("old", "P-256", NOW)
                .living(NOW.minus(Duration.ofDays(9)), Duration.ofDays(8))
                .by(ROOT);
        CertifiedKey under = Wish.leaf("P-256", NOW).by(old);
        refused(
                given(under.certificatePem() + old.certificatePem() + ROOT.certificatePem(), under.keyPem()),
                "tls-cert",
                "the certificate of CN=old expired at");
    }

    @Test
    void holdsTheNamesThatTheSettingsAskFor() throws IOException {
        CertifiedKey wild = Wish.leaf("P-256", NOW).named("*.example.org").by(ROOT);
        String chain = wild.certificatePem() + ROOT.certificatePem();
        Demands covered = new Demands(List.of("API.example.org"), Optional.of("api.example.org"));
        assertThat(given(chain, wild.keyPem(), covered).notes()).isEmpty();
        Demands uncovered = new Demands(List.of("a.b.example.org"), Optional.empty());
        refused(
                given(chain, wild.keyPem(), uncovered),
                "tls-cert",
                "not for a.b.example.org, which tls-san names, but for *.example.org");
        assertThat(given(chain, wild.keyPem()).notes())
                .singleElement()
                .asString()
                .isEqualTo("tls-cert is not for the bind-address 127.0.0.1: clients call the server by *.example.org");
    }

    @Test
    void judgesFilesAnewOnlyWhenTheyHaveChanged() throws IOException {
        given(CHAIN, LEAF.keyPem());
        MovableClock clock = new MovableClock();
        Path certificate = directory.resolve("server.crt");
        GivenMaterial given = new GivenMaterial(
                new GivenMaterial.Place(certificate, directory.resolve("server.key"), null), ANY, Map.of(), clock);
        Material serving = given.open();
        clock.advance(Duration.ofDays(100));
        assertThat(given.due(serving)).as("as it is, it goes on").isEmpty();
        TestCertificates.write(certificate, CHAIN + "\n");
        assertThatThrownBy(() -> given.due(serving)).hasMessageContaining("expired at");
    }

    @Test
    void refusesAKeyThatOthersCanRead() throws IOException {
        GivenMaterial given = given(CHAIN, LEAF.keyPem());
        Path key = directory.resolve("server.key");
        Files.setPosixFilePermissions(key, PosixFilePermissions.fromString("rw-r-----"));
        assertThatThrownBy(given::open).hasMessageContaining("run: chmod 600 " + key);
        assertThat(given(CHAIN, LEAF.keyPem(), ANY, null, Map.of("CREDENTIALS_DIRECTORY", directory.toString()))
                        .open()
                        .chain())
                .hasSize(3);
        Files.setPosixFilePermissions(key, PosixFilePermissions.fromString("rw-r-----"));
        Path credentials = Files.createDirectory(directory.resolve("credentials"));
        Path link = Files.createSymbolicLink(credentials.resolve("key"), key);
        GivenMaterial linked = new GivenMaterial(
                new GivenMaterial.Place(directory.resolve("server.crt"), link, null),
                ANY,
                Map.of("CREDENTIALS_DIRECTORY", credentials.toString()),
                CLOCK);
        assertThatThrownBy(linked::open).hasMessageContaining("can be read or written by others");
        refused(
                new GivenMaterial(new GivenMaterial.Place(directory, key, null), ANY, Map.of(), CLOCK),
                "tls-cert",
                "no regular file");
    }
}
