package io.lyftdata.cli;

import static org.assertj.core.api.Assertions.assertThat;

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
import java.util.Map;
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
    void checkNamesEachFaultAndOpensAnEncryptedKeyByTheFileOfItsPassphrase() throws IOException {
        CertifiedKey root = Wish.authority("root", "P-256", NOW).selfSigned();
        Path config = home.resolve("c.yml");
        Path key = home.resolve("tls.key");
        Files.writeString(config, "tls-cert: " + home.resolve("tls.crt") + "\ntls-key: " + key + "\n");
        CommandLineRun cli = new CommandLineRun(home);
        Map<String, Wish> faults = Map.of(
                "expired at", Wish.leaf("P-256", NOW).living(NOW.minus(Duration.ofDays(9)), Duration.ofDays(8)),
                "is not valid before", Wish.leaf("P-256", NOW).living(NOW.plusSeconds(60), Duration.ofDays(8)),
                "names no host", Wish.leaf("P-256", NOW).named(),
                "1024 bits", Wish.leaf("RSA-1024", NOW),
                "SHA1withECDSA", Wish.leaf("P-256", NOW).signedWith("SHA1withECDSA"));
        for (Map.Entry<String, Wish> fault : faults.entrySet()) {
            CertifiedKey bad = fault.getValue().by(root);
            TestCertificates.write(home.resolve("tls.crt"), bad.certificatePem() + root.certificatePem());
            TestCertificates.write(key, bad.keyPem());
            assertThat(cli.run("check", config.toString())).isEqualTo(1);
            assertThat(cli.err).startsWith("lyftdata: tls-cert: ").contains(fault.getKey());
        }

        CertifiedKey leaf = Wish.leaf("P-256", NOW).by(root);
        TestCertificates.write(home.resolve("tls.crt"), leaf.certificatePem());
        TestCertificates.write(key, TestCertificates.encrypted(leaf.key(), "open sesame"));
        assertThat(cli.run("check", config.toString())).isEqualTo(1);
        assertThat(cli.err).contains("LYFTDATA_TLS_KEY_PASSPHRASE_FILE");
        cli.environment.put(
                "LYFTDATA_TLS_KEY_PASSPHRASE_FILE",
                TestCertificates.write(home.resolve("passphrase"), "open sesame\n")
                        .toString());
        assertThat(cli.run("check", config.toString())).isEqualTo(1);
        assertThat(cli.err).contains("its chain is incomplete: append the certificate of CN=root");
        TestCertificates.write(home.resolve("tls.crt"), root.certificatePem() + leaf.certificatePem());
        assertThat(cli.run("check", config.toString())).as(cli.err).isZero();
        assertThat(cli.err).contains("is not in the order");
        Files.setPosixFilePermissions(key, PosixFilePermissions.fromString("rw-r--r--"));
        assertThat(cli.run("check", config.toString())).isEqualTo(1);
        assertThat(cli.err).contains("run: chmod 600 " + key);
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
