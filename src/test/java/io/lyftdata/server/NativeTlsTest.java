package io.lyftdata.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.lyftdata.certificate.NativeTls;
import io.lyftdata.crypto.CertifiedKey;
import io.lyftdata.testing.RawClient;
import io.lyftdata.testing.Served;
import io.lyftdata.testing.TestCertificates;
import io.lyftdata.testing.TestCertificates.Wish;
import io.lyftdata.testing.TestServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
import org.conscrypt.Conscrypt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Conscrypt serves when an operator gives it and it can be loaded, and the JDK in every other case. */
class NativeTlsTest {
    private static final Instant NOW = Instant.now().minusSeconds(60);
    private static final CertifiedKey ROOT =
            Wish.authority("root", "P-256", NOW).selfSigned();

    @TempDir
    Path directory;

    @Test
    void conscryptServesEveryKeyThatItKnowsAndTheJdkTheOthers() throws Exception {
        Path jar = conscrypt();
        put("P-256");
        try (TestServer server = start(jar)) {
            assertThat(server.log()).contains("TLS is served by Conscrypt");
            assertThat(renegotiation(server)).contains("no_renegotiation");
            for (String kind : List.of("RSA-2048", "P-384", "Ed25519", "P-256")) {
                CertifiedKey next = put(kind);
                assertThat(RawClient.plain(server.adminUrl())
                                .call(
                                        "127.0.0.1",
                                        "POST",
                                        "/tasks/reload-certificate",
                                        "",
                                        "Authorization: Bearer " + server.adminToken())
                                .body())
                        .contains("\"changed\":true");
                for (String protocol : List.of("TLSv1.2", "TLSv1.3")) {
                    assertThat(Served.at(address(server), protocol).leaf())
                            .as(kind + " over " + protocol)
                            .isEqualTo(next.certificate());
                }
            }
        }
    }

    @Test
    void theJdkServesWhereConscryptCannotBeLoaded() throws IOException {
        assertThat(NativeTls.load(null)).isEmpty();
        put("P-256");
        Path rubbish = Files.writeString(directory.resolve("rubbish.jar"), "rubbish");
        try (TestServer server = start(rubbish)) {
            assertThat(server.log())
                    .contains("tls-conscrypt: " + rubbish + " cannot be used", "the JDK's own TLS serves");
            assertThat(Served.at(server).protocol()).isEqualTo("TLSv1.3");
        }
        assertThat(NativeTls.load(directory.resolve("missing.jar"))).isEmpty();
    }

    /** The jar on the tests' own class path, for a test that needs its native code. */
    static Path conscrypt() throws URISyntaxException {
        assumeTrue(System.getProperty("os.arch").equals("amd64"), "the jar has native code for no other processor");
        return Path.of(Conscrypt.class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .toURI());
    }

    private TestServer start(Path jar) throws IOException {
        return TestServer.startWith(
                directory.resolve("staging"),
                "tls-conscrypt: " + jar + "\ntls-cert: " + directory.resolve("tls.crt") + "\ntls-key: "
                        + directory.resolve("tls.key"));
    }

    private CertifiedKey put(String kind) throws IOException {
        CertifiedKey leaf = Wish.leaf(kind, NOW).by(ROOT);
        TestCertificates.write(directory.resolve("tls.crt"), leaf.certificatePem() + ROOT.certificatePem());
        TestCertificates.write(directory.resolve("tls.key"), leaf.keyPem());
        return leaf;
    }

    private static InetSocketAddress address(TestServer server) {
        return new InetSocketAddress(server.url().getHost(), server.url().getPort());
    }

    private static String renegotiation(TestServer server) throws IOException {
        try (SSLSocket socket = Served.connect(address(server), "TLSv1.2")) {
            socket.startHandshake();
            SSLException refused = catchThrowableOfType(SSLException.class, socket.getInputStream()::read);
            return refused.getMessage();
        }
    }
}
