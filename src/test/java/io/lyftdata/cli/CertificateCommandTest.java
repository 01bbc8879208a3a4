package io.lyftdata.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.lyftdata.crypto.CertifiedKey;
import io.lyftdata.testing.MovableClock;
import io.lyftdata.testing.TestCertificates;
import io.lyftdata.testing.TestCertificates.Wish;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class CertificateCommandTest {
    private static final Instant NOW = new MovableClock().instant();

    @TempDir
    private Path home;

    @Test
    void checkReadsTheCertificateThatTheFileNames() throws IOException {
        CertifiedKey root = Wish.authority("root", "P-256", NOW).selfSigned();
        CertifiedKey leaf = Wish.leaf("P-256", NOW).named("api.example.org").by(root);
        Path config = home.resolve("c.yml");
        Path key = home.resolve("tls.key");
        Files.writeString(config, "tls-cert: " + home.resolve("tls.crt") + "\ntls-key: " + key + "\n");
        CommandLineRun cli = new CommandLineRun(home);

        assertThat(cli.run("check", config.toString())).isEqualTo(1);
        assertThat(cli.err).startsWith("lyftdata: tls-cert: " + home.resolve("tls.crt") + " does not exist");

        TestCertificates.write(home.resolve("tls.crt"), leaf.certificatePem() + root.certificatePem());
        TestCertificates.write(key, root.keyPem());
        assertThat(cli.run("check", config.toString())).isEqualTo(1);
        assertThat(cli.err).contains("tls.crt: ").doesNotContain("Exception");

        TestCertificates.write(key, leaf.keyPem());
        assertThat(cli.run("check", config.toString())).as(cli.err).isZero();
        assertThat(cli.out).isEqualTo(config + " is usable\n");
        assertThat(cli.err).startsWith("lyftdata: warning: tls-cert is not for the bind-address 127.0.0.1");
    }

    @Test
    void rotateSaysWhatIsServedAndUntilWhen() throws IOException {
        try (CannedServer server = new CannedServer()) {
            server.on(
                    "POST /api/certificate/rotate",
                    200,
                    "{\"changed\":true,\"fingerprint\":\"sha256:ab\",\"notAfter\":\"2027-02-21T12:00:00.000Z\"}");
            CommandLineRun cli = CommandLineRun.withToken(home, server);
            assertThat(cli.run("certificate", "rotate")).as(cli.err).isZero();
            assertThat(cli.out).isEqualTo("serving sha256:ab until 2027-02-21T12:00:00.000Z\n");
        }
    }
}
