package io.lyftdata.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lyftdata.client.LoopbackServer;
import io.lyftdata.crypto.CertifiedKey;
import io.lyftdata.testing.TestCertificates.Wish;
import io.lyftdata.testing.TestServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code certificate verify URL} against servers that are right and wrong. */
final class CertificateVerifyTest {
    private static final Instant NOW = Instant.now().minusSeconds(60);
    private static final CertifiedKey ROOT =
            Wish.authority("root", "P-256", NOW).selfSigned();

    @TempDir
    private Path home;

    private int exitCode;

    /** What was found, by check: {@code ok} or the fault's words. */
    private Map<String, String> verify(String... arguments) throws IOException {
        CommandLineRun cli = new CommandLineRun(home);
        cli.clock.set(Instant.now());
        String[] all = new String[arguments.length + 4];
        all[0] = "certificate";
        all[1] = "verify";
        System.arraycopy(arguments, 0, all, 2, arguments.length);
        all[arguments.length + 2] = "--output";
        all[arguments.length + 3] = "json";
        exitCode = cli.run(all);
        JsonNode report = new ObjectMapper().readTree(cli.out);
        assertThat(report.get("good").asBoolean()).isEqualTo(exitCode == 0);
        Map<String, String> found = new TreeMap<>();
        report.get("findings")
                .forEach(finding -> found.put(
                        finding.get("check").asText(),
                        finding.get("good").asBoolean()
                                ? "ok"
                                : finding.get("detail").asText()));
        return found;
    }

    @Test
    void findsNothingWrongWithAServerOfOursUnderItsPin() throws IOException {
        TestServer server = TestServer.shared();
        assertThat(verify(server.url().toString(), "--tls-pin", server.pin()))
                .containsOnlyKeys(
                        "scheme",
                        "resolves",
                        "connects",
                        "protocol",
                        "chain",
                        "name",
                        "expiry",
                        "strength",
                        "pin",
                        "trust",
                        "hsts",
                        "api",
                        "credentials")
                .allSatisfy((check, found) -> assertThat(found).as(check).isEqualTo("ok"));
        assertThat(exitCode).isZero();
        CommandLineRun cli = new CommandLineRun(home);
        cli.clock.set(Instant.now());
        assertThat(cli.run("certificate", "verify", server.url().toString(), "--tls-pin", server.pin()))
                .isZero();
        assertThat(cli.out).startsWith("CHECK").contains("protocol     ok      TLSv1.3 with TLS_AES_256_GCM_SHA384");
    }

    @Test
    void namesThePinAndTheTrustThatFail() throws IOException {
        TestServer server = TestServer.shared();
        Map<String, String> found = verify(server.url().toString(), "--tls-pin", "sha256:" + "0".repeat(64));
        assertThat(exitCode).isEqualTo(3);
        assertThat(found.get("pin")).contains("no authority in the chain has it; the last has " + server.pin());
        assertThat(found.get("trust")).contains("the server's CA is not the pinned one");
        assertThat(found).containsEntry("name", "ok").containsEntry("api", "ok");
    }

    @Test
    void namesEachFaultOfACertificateAndOfWhatStandsBehindIt() throws Exception {
        CertifiedKey leaf = Wish.leaf("P-256", NOW)
                .named("elsewhere.example.org")
                .living(NOW.minus(Duration.ofDays(9)), Duration.ofDays(8))
                .by(ROOT);
        try (LoopbackServer other = LoopbackServer.tls(
                exchange -> {
                    exchange.sendResponseHeaders(200, -1);
                    exchange.close();
                },
                leaf)) {
            Map<String, String> found = verify(other.url("https"));
            assertThat(exitCode).isEqualTo(3);
            assertThat(found.get("chain")).contains("an intermediate certificate is missing");
            assertThat(found.get("name")).isEqualTo("it is not for 127.0.0.1 but for elsewhere.example.org");
            assertThat(found.get("expiry")).contains("renew it, or set the clock right");
            assertThat(found.get("trust")).contains("give --tls-pin");
            assertThat(found.get("hsts")).contains("no Strict-Transport-Security");
            assertThat(found.get("api")).contains("is it a LyftData server");
            assertThat(found.get("credentials")).isNotEqualTo("ok");
        }
    }

    private Map<String, String> verifyChain(CertifiedKey leaf, X509Certificate... issuers) throws Exception {
        try (LoopbackServer other = LoopbackServer.tls(
                exchange -> {
                    exchange.sendResponseHeaders(200, -1);
                    exchange.close();
                },
                leaf,
                issuers)) {
            return verify(other.url("https"), "--tls-pin", CertifiedKey.pin(ROOT.certificate()));
        }
    }

    @Test
    void namesWhatIsWeakUnnamedOrOutOfOrder() throws Exception {
        X509Certificate root = ROOT.certificate();
        assertThat(verifyChain(Wish.leaf("RSA-1024", NOW).by(ROOT), root).get("strength"))
                .isEqualTo("the certificate of CN=server has an RSA key of 1024 bits: 2048 are the least");
        assertThat(verifyChain(
                                Wish.leaf("P-256", NOW)
                                        .signedWith("SHA1withECDSA")
                                        .by(ROOT),
                                root)
                        .get("strength"))
                .contains("is signed with SHA1withECDSA, which can be forged");
        assertThat(verifyChain(Wish.leaf("P-256", NOW).named().by(ROOT), root).get("name"))
                .isEqualTo("it is not for 127.0.0.1 but for no host");
        assertThat(verifyChain(
                                Wish.leaf("P-256", NOW)
                                        .living(NOW.plus(Duration.ofDays(1)), Duration.ofDays(8))
                                        .by(ROOT),
                                root)
                        .get("expiry"))
                .startsWith("valid from ");
        CertifiedKey middle = Wish.authority("middle", "P-256", NOW).by(ROOT);
        CertifiedKey leaf = Wish.leaf("P-256", NOW).by(middle);
        assertThat(verifyChain(leaf, root, middle.certificate()).get("chain"))
                .isEqualTo("certificate 2 does not vouch for the one before it: serve them in their order");
        assertThat(verifyChain(leaf, middle.certificate(), root))
                .containsEntry("chain", "ok")
                .containsEntry("strength", "ok")
                .containsEntry("pin", "ok")
                .containsEntry("trust", "ok");
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    @Test
    void saysThatTheSchemeTheNameOrThePortIsWrong() throws Exception {
        TestServer server = TestServer.shared();
        String plain = server.url().toString().replace("https", "http");
        Map<String, String> found = verify(plain);
        assertThat(exitCode).isEqualTo(3);
        assertThat(found.get("scheme")).contains("in the clear");
        assertThat(found.get("api")).contains("speaks TLS: use https://");
        assertThat(verify("https://no-such-host.invalid").get("resolves")).contains("is unknown");
        String nobody = "https://127.0.0.1:" + freePort();
        assertThat(verify(nobody).get("connects")).contains("no server listens at " + nobody);
        try (LoopbackServer http = LoopbackServer.plain(exchange -> {
            exchange.sendResponseHeaders(200, -1);
            exchange.close();
        })) {
            assertThat(verify(http.url("https")).get("protocol")).contains("speaks plain HTTP");
        }
    }
}
