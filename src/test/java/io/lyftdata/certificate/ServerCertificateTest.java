package io.lyftdata.certificate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.dropwizard.jetty.SslReload;
import io.lyftdata.api.Code;
import io.lyftdata.api.Refusal;
import io.lyftdata.audit.Audit;
import io.lyftdata.auth.Caller;
import io.lyftdata.authority.Authority;
import io.lyftdata.authority.TlsExpiryPostureCheck;
import io.lyftdata.crypto.CertifiedKey;
import io.lyftdata.db.Database;
import io.lyftdata.db.DatabaseOpener;
import io.lyftdata.posture.Finding;
import io.lyftdata.testing.MovableClock;
import io.lyftdata.testing.Served;
import io.lyftdata.testing.TestCertificates;
import io.lyftdata.testing.TestCertificates.Wish;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import javax.net.ssl.SSLSocket;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.slf4j.LoggerFactory;

/** Swaps on the TLS engine that the server uses, told from handshakes. */
class ServerCertificateTest {
    private static final String INSTALLATION = "0123456789abcdef";

    @TempDir
    Path directory;

    private final MovableClock clock = new MovableClock();
    private final DatabaseOpener opener = new DatabaseOpener();
    private final ListAppender<ILoggingEvent> log = new ListAppender<>();
    private final Logger logger = (Logger) LoggerFactory.getLogger("io.lyftdata.certificate");
    private final CertifiedKey root =
            Wish.authority("root", "P-256", clock.instant()).selfSigned();
    private Database database;
    private Engine engine;

    /** The server's TLS engine on a port of its own. */
    @SuppressWarnings("try") // a test that is interrupted while it closes this has ended anyway
    private static final class Engine implements AutoCloseable {
        private final ServerSocket port;
        private final SslContextFactory.Server factory;
        private final ExecutorService threads = Executors.newCachedThreadPool();

        private Engine(ServerCertificate certificate) throws Exception {
            TlsConnectorFactory connector = new TlsConnectorFactory(certificate::offered, Optional.empty());
            factory = connector.configureSslContextFactory(new SslContextFactory.Server());
            factory.start();
            certificate.serveOn(List.of(new SslReload(
                    factory, other -> connector.configureSslContextFactory((SslContextFactory.Server) other))));
            port = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
            threads.execute(this::accept);
        }

        private void accept() {
            try {
                while (!port.isClosed()) {
                    Socket plain = port.accept();
                    threads.execute(() -> greet(plain));
                }
            } catch (IOException e) {
                // Closed.
            }
        }

        private void greet(Socket plain) {
            try (SSLSocket socket =
                    (SSLSocket) factory.getSslContext().getSocketFactory().createSocket(plain, null, true)) {
                socket.setSSLParameters(factory.customize(socket.getSSLParameters()));
                socket.setUseClientMode(false);
                socket.startHandshake();
                assertThat(socket.getInputStream().read()).isEqualTo(-1);
            } catch (IOException e) {
                // The client's side says what went wrong.
            }
        }

        private Served served(String protocol) throws IOException {
            return Served.at(new InetSocketAddress(port.getInetAddress(), port.getLocalPort()), protocol);
        }

        private X509Certificate leaf() throws IOException {
            return served("TLSv1.3").leaf();
        }

        @Override
        public void close() throws Exception {
            port.close();
            factory.stop();
            threads.shutdownNow();
        }
    }

    @BeforeEach
    void open() throws IOException {
        database = opener.openSqlite(directory.resolve("control.db"));
        log.start();
        logger.addAppender(log);
    }

    @AfterEach
    void close() throws Exception {
        logger.detachAppender(log);
        if (engine != null) {
            engine.close();
        }
        opener.close();
    }

    private ServerCertificate serve(Source source) throws Exception {
        Audit audit = new Audit(database, INSTALLATION, clock);
        ServerCertificate certificate = new ServerCertificate(source, database, audit, clock);
        if (engine != null) {
            engine.close();
        }
        engine = new Engine(certificate);
        return certificate;
    }

    private Source given() {
        return new GivenMaterial(
                new GivenMaterial.Place(directory.resolve("tls.crt"), directory.resolve("tls.key"), null),
                new Demands(List.of(), Optional.empty()),
                Map.of(),
                clock);
    }

    private Source own() throws IOException {
        return new OwnMaterial(
                directory.resolve("tls"),
                List.of("localhost"),
                Authority.open(directory.resolve("tls"), INSTALLATION, pin -> false, clock),
                clock);
    }

    private CertifiedKey put(String kind) throws IOException {
        return put(Wish.leaf(kind, clock.instant()));
    }

    private CertifiedKey put(Wish wish) throws IOException {
        CertifiedKey leaf = wish.by(root);
        TestCertificates.write(directory.resolve("tls.crt"), leaf.certificatePem() + root.certificatePem());
        TestCertificates.write(directory.resolve("tls.key"), leaf.keyPem());
        return leaf;
    }

    private List<String> records(String action) {
        return database.read(tx -> tx.createQuery("SELECT actor || ' ' || subject FROM audit WHERE action = :action")
                .bind("action", action)
                .mapTo(String.class)
                .list());
    }

    private List<String> warnings() {
        return log.list.stream()
                .filter(event -> event.getLevel() == Level.WARN)
                .map(ILoggingEvent::getFormattedMessage)
                .toList();
    }

    @ParameterizedTest
    @CsvSource({
        "RSA-2048, TLSv1.2", "RSA-2048, TLSv1.3",
        "P-256, TLSv1.2", "P-256, TLSv1.3",
        "P-384, TLSv1.2", "P-384, TLSv1.3",
        "Ed25519, TLSv1.2", "Ed25519, TLSv1.3"
    })
    void servesEveryKindOfKeyOverBothProtocols(String kind, String protocol) throws Exception {
        CertifiedKey leaf = put(kind);
        serve(given());
        Served served = engine.served(protocol);
        assertThat(served.leaf()).isEqualTo(leaf.certificate());
        assertThat(served.protocol()).isEqualTo(protocol);
        assertThat(served.chain()).hasSize(2);
    }

    @Test
    void takesChangedFilesByItself() throws Exception {
        put("P-256");
        ServerCertificate certificate = serve(given());
        CertificateSweeper sweeper = new CertificateSweeper(certificate);
        X509Certificate first = engine.leaf();
        sweeper.sweep();
        assertThat(engine.leaf()).isEqualTo(first);
        CertifiedKey next = put("RSA-2048");
        sweeper.sweep();
        assertThat(engine.leaf()).isEqualTo(next.certificate());
        assertThat(records("CERTIFICATE_ROTATED"))
                .containsExactly("server " + certificate.show().fingerprint());
        assertThat(warnings()).isEmpty();
    }

    @Test
    void takesASwitchedLinkAsCertbotAndKubernetesDo() throws Exception {
        X509Certificate first = putVersion("v1");
        Files.createSymbolicLink(directory.resolve("tls.crt"), Path.of("data/tls.crt"));
        Files.createSymbolicLink(directory.resolve("tls.key"), Path.of("data/tls.key"));
        CertificateSweeper sweeper = new CertificateSweeper(serve(given()));
        assertThat(engine.leaf()).isEqualTo(first);
        X509Certificate next = putVersion("v2");
        sweeper.sweep();
        assertThat(engine.leaf()).isEqualTo(next).isNotEqualTo(first);
    }

    /** A directory of its own, to which a link is switched in one step. */
    private X509Certificate putVersion(String version) throws IOException {
        CertifiedKey leaf = Wish.leaf("P-256", clock.instant()).by(root);
        Path versioned = Files.createDirectory(directory.resolve(version));
        TestCertificates.write(versioned.resolve("tls.crt"), leaf.certificatePem() + root.certificatePem());
        TestCertificates.write(versioned.resolve("tls.key"), leaf.keyPem());
        Path link = Files.createSymbolicLink(directory.resolve("data.tmp"), versioned);
        Files.move(link, directory.resolve("data"), StandardCopyOption.ATOMIC_MOVE);
        return leaf.certificate();
    }

    @Test
    void keepsTheOldOneWhenTheNewOneIsBadAndSaysSo() throws Exception {
        put("P-256");
        ServerCertificate certificate = serve(given());
        CertificateSweeper sweeper = new CertificateSweeper(certificate);
        CertificateCheck check = new CertificateCheck(certificate);
        X509Certificate first = engine.leaf();
        CertifiedKey next = Wish.leaf("P-256", clock.instant()).by(root);
        TestCertificates.write(directory.resolve("tls.crt"), next.certificatePem() + root.certificatePem());
        sweeper.sweep();
        assertThat(check.check().isHealthy()).as("files may be on their way").isTrue();
        sweeper.sweep();
        sweeper.sweep();
        assertThat(engine.leaf()).isEqualTo(first);
        assertThat(warnings()).singleElement().asString().contains("no certificate in it belongs to the key");
        assertThat(check.check().isHealthy()).isFalse();
        assertThat(check.check().getMessage()).contains("the present one goes on", "belongs to the key");
        assertThat(certificate.show().trouble()).contains("belongs to the key");
        for (var swap :
                List.<Runnable>of(() -> certificate.rotate(Caller.host()), () -> certificate.reload(Caller.host()))) {
            assertThatThrownBy(swap::run)
                    .isInstanceOf(Refusal.class)
                    .hasMessageContaining("the present certificate goes on being served: tls-cert: ")
                    .satisfies(e -> assertThat(((Refusal) e).code()).isEqualTo(Code.UNPROCESSABLE));
        }
        assertThatThrownBy(() -> certificate.prepare(Caller.host())).hasMessageContaining("belongs to the key");
        assertThat(engine.leaf()).isEqualTo(first);
        TestCertificates.write(directory.resolve("tls.key"), next.keyPem());
        sweeper.sweep();
        assertThat(engine.leaf()).isEqualTo(next.certificate());
        assertThat(check.check().isHealthy()).isTrue();
        assertThat(certificate.show().trouble()).isNull();
    }

    @Test
    void aSwapThatCannotBeRecordedDoesNotHappen() throws Exception {
        ServerCertificate certificate = serve(own());
        X509Certificate first = engine.leaf();
        String kept = Files.readString(directory.resolve("tls/server.crt"));
        database.write(tx ->
                tx.execute("CREATE TRIGGER no_audit BEFORE INSERT ON audit BEGIN SELECT RAISE(ABORT, 'no'); END"));
        assertThatThrownBy(() -> certificate.rotate(Caller.host())).isInstanceOf(Refusal.class);
        assertThat(engine.leaf()).isEqualTo(first);
        assertThat(Files.readString(directory.resolve("tls/server.crt"))).isEqualTo(kept);
        database.write(tx -> tx.execute("DROP TRIGGER no_audit"));
        assertThat(certificate.rotate(Caller.host()).changed()).isTrue();
        assertThat(engine.leaf()).isNotEqualTo(first);
        assertThat(Files.readString(directory.resolve("tls/server.crt.old"))).isEqualTo(kept);
        String second = Files.readString(directory.resolve("tls/server.key"));
        certificate.rotate(Caller.host());
        assertThat(Files.readString(directory.resolve("tls/server.key.old"))).isEqualTo(second);
        assertThat(Files.readString(directory.resolve("tls/server.key"))).isNotEqualTo(second);
    }

    @Test
    void renewsItsOwnWhenAThirdOfItsLifeIsLeftAndTheNextStartFindsIt() throws Exception {
        CertificateSweeper sweeper = new CertificateSweeper(serve(own()));
        X509Certificate first = engine.leaf();
        clock.advance(Duration.ofDays(59));
        sweeper.sweep();
        assertThat(engine.leaf()).isEqualTo(first);
        clock.advance(Duration.ofDays(2));
        sweeper.sweep();
        X509Certificate renewed = engine.leaf();
        assertThat(renewed).isNotEqualTo(first);
        assertThat(own().open().leaf()).isEqualTo(renewed);
        assertThat(warnings()).isEmpty();
        serve(own());
        assertThat(records("CERTIFICATE_ISSUED"))
                .as("the next start finds what it knows")
                .hasSize(1);
    }

    @Test
    void aPairThatACrashLeftHalfReplacedIsReplaced() throws Exception {
        X509Certificate first = own().open().leaf();
        TestCertificates.write(
                directory.resolve("tls/server.key"),
                Wish.leaf("P-256", clock.instant()).by(root).keyPem());
        assertThat(own().open().leaf()).isNotEqualTo(first);
    }

    @Test
    void warnsAt21And7And1DaysAndTheHealthCheckWithIt() throws Exception {
        put("P-256");
        ServerCertificate certificate = serve(given());
        CertificateSweeper sweeper = new CertificateSweeper(certificate);
        CertificateCheck check = new CertificateCheck(certificate);
        clock.advance(Duration.ofDays(68));
        sweeper.sweep();
        assertThat(warnings()).isEmpty();
        assertThat(check.check().isHealthy()).isTrue();
        clock.advance(Duration.ofHours(1));
        sweeper.sweep();
        sweeper.sweep();
        assertThat(warnings()).hasSize(1);
        assertThat(check.check().isHealthy()).isFalse();
        assertThat(certificate.daysLeft()).isEqualTo(21);
        clock.advance(Duration.ofDays(14));
        sweeper.sweep();
        sweeper.sweep();
        clock.advance(Duration.ofDays(6));
        sweeper.sweep();
        sweeper.sweep();
        assertThat(warnings()).hasSize(3).last().asString().startsWith("the server certificate ends in 1 days, at ");
    }

    @Test
    void whatThePostureSaysOfAnEndThatComesNearMendsIt() throws Exception {
        ServerCertificate own = serve(own());
        TlsExpiryPostureCheck ofOwn = new TlsExpiryPostureCheck(
                () -> Optional.of("prepare"), () -> own.material().chain(), own::trouble, clock);
        assertThat(ofOwn.find()).isEmpty();
        clock.advance(Duration.ofDays(70));
        assertThat(ofOwn.find()).extracting(Finding::remedy).containsExactly("lyftdata certificate rotate");
        own.rotate(Caller.host());
        assertThat(ofOwn.find()).isEmpty();

        put("P-256");
        ServerCertificate given = serve(given());
        TlsExpiryPostureCheck ofGiven = new TlsExpiryPostureCheck(
                Optional::empty, () -> given.material().chain(), given::trouble, clock);
        clock.advance(Duration.ofDays(70));
        assertThat(ofGiven.find())
                .extracting(Finding::remedy)
                .containsExactly(
                        "put another into the files of tls-cert and tls-key, then: lyftdata certificate rotate");
        TestCertificates.write(directory.resolve("tls.crt"), "");
        assertThatThrownBy(() -> given.rotate(Caller.host())).isInstanceOf(Refusal.class);
        assertThat(ofGiven.find()).extracting(Finding::subject).contains("replacement");
        put("P-256");
        given.rotate(Caller.host());
        assertThat(ofGiven.find()).isEmpty();

        clock.advance(Duration.ofDays(3_560));
        assertThat(ofOwn.find()).extracting(Finding::remedy).containsOnly("lyftdata certificate rotate-ca prepare");
    }

    @Test
    void thereIsNothingToRotateWithoutNewFilesOrWithoutTls() throws Exception {
        put("P-256");
        ServerCertificate certificate = serve(given());
        assertThatThrownBy(() -> certificate.rotate(Caller.host()))
                .hasMessageContaining("put the new ones there first");
        assertThat(certificate.reload(Caller.host()).changed()).isFalse();
        certificate.serveOn(List.of());
        assertThatThrownBy(() -> certificate.rotate(Caller.host()))
                .hasMessageContaining("the certificate is its proxy's");
        assertThat(new CertificateCheck(certificate).check().isHealthy()).isTrue();
    }
}
