package io.lyftdata.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpHandler;
import io.lyftdata.api.Health;
import io.lyftdata.crypto.CertifiedKey;
import io.lyftdata.crypto.Issuer;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Real handshakes on the loopback device. */
class PinnedTrustTest {
    private static final Instant NOW = Instant.now();
    private static final Duration LIFE = Duration.ofDays(30);
    private static final List<String> LOOPBACK = List.of("127.0.0.1", "localhost");
    private static final CertifiedKey CA = Issuer.authority("LyftData", NOW, LIFE);
    /** The same name, another key: what an attacker can make who has read the real one. */
    private static final CertifiedKey OTHER_CA = Issuer.authority("LyftData", NOW, LIFE);

    private static final CertifiedKey LEAF = Issuer.server(CA, LOOPBACK, NOW, LIFE);
    private static final HttpHandler READY = exchange -> {
        byte[] body = "{\"status\":\"ready\"}".getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(200, body.length);
        exchange.getResponseBody().write(body);
        exchange.close();
    };

    @TempDir
    Path directory;

    @Test
    void aRightPinIsEnough() throws Exception {
        Trust trust = Trust.ofPins(CertifiedKey.pin(CA.certificate()));

        assertThat(call(trust, LEAF, CA.certificate())).isEqualTo("ready");
    }

    @Test
    void oneRightPinOfSeveralIsEnough() throws Exception {
        Trust trust =
                Trust.ofPins(CertifiedKey.pin(OTHER_CA.certificate()) + ", " + CertifiedKey.pin(CA.certificate()));

        assertThat(call(trust, LEAF, CA.certificate())).isEqualTo("ready");
    }

    @Test
    void aWrongPinIsRefused() {
        Trust trust = Trust.ofPins(CertifiedKey.pin(OTHER_CA.certificate()));

        assertRefused(trust, "not the pinned one", LEAF, CA.certificate());
    }

    @Test
    void thePinnedCertificateInAStrangersChainProvesNothing() {
        Trust trust = Trust.ofPins(CertifiedKey.pin(CA.certificate()));
        CertifiedKey forged = Issuer.server(OTHER_CA, LOOPBACK, NOW, LIFE);

        assertRefused(trust, "not the pinned one", forged, CA.certificate());
        assertRefused(trust, "not the pinned one", forged, OTHER_CA.certificate(), CA.certificate());
        assertRefused(trust, "not the pinned one", forged, CA.certificate(), OTHER_CA.certificate());
    }

    @Test
    void aLeafThatNamesThePinnedIssuerButIsSignedByAnotherIsRefused() {
        Trust trust = Trust.ofPins(CertifiedKey.pin(CA.certificate()));
        CertifiedKey thief = new CertifiedKey(OTHER_CA.key(), CA.certificate());

        assertRefused(trust, "not the pinned one", Issuer.server(thief, LOOPBACK, NOW, LIFE), CA.certificate());
    }

    @Test
    void aPinOfTheLeafIsNoPinOfACa() {
        Trust trust = Trust.ofPins(CertifiedKey.pin(LEAF.certificate()));

        assertRefused(trust, "not the pinned one", LEAF, CA.certificate());
        assertRefused(Trust.ofPins(CertifiedKey.pin(CA.certificate())), "not the pinned one", CA);
    }

    @Test
    void anExpiredLeafIsRefused() {
        Trust trust = Trust.ofPins(CertifiedKey.pin(CA.certificate()));
        CertifiedKey expired = Issuer.server(CA, LOOPBACK, NOW.minus(LIFE), Duration.ofDays(1));
        CertifiedKey early = Issuer.server(CA, LOOPBACK, NOW.plus(LIFE), LIFE);

        assertRefused(trust, "out of date", expired, CA.certificate());
        assertRefused(trust, "out of date", early, CA.certificate());
    }

    @Test
    void anExpiredCaIsRefusedThoughItsKeyIsPinned() {
        CertifiedKey old = Issuer.authority("LyftData", NOW.minus(LIFE), Duration.ofDays(1));

        assertRefused(
                Trust.ofPins(CertifiedKey.pin(old.certificate())),
                "out of date",
                Issuer.server(old, LOOPBACK, NOW, LIFE),
                old.certificate());
    }

    @Test
    void anotherHostsCertificateIsRefused() {
        Trust trust = Trust.ofPins(CertifiedKey.pin(CA.certificate()));
        CertifiedKey other = Issuer.server(CA, List.of("other.example", "192.0.2.1"), NOW, LIFE);

        assertRefused(trust, "another name", other, CA.certificate());
    }

    @Test
    void aCaFileServesAsWell() throws Exception {
        Trust right = Trust.ofCaFile(file("ca.crt", OTHER_CA, CA));
        Trust wrong = Trust.ofCaFile(file("other.crt", OTHER_CA));

        assertThat(call(right, LEAF)).isEqualTo("ready");
        assertRefused(wrong, "--tls-ca", LEAF, CA.certificate());
    }

    @Test
    void anExpiredLeafInTheCaFileIsRefused() throws Exception {
        CertifiedKey expired = Issuer.server(CA, LOOPBACK, NOW.minus(LIFE), Duration.ofDays(1));

        assertRefused(Trust.ofCaFile(file("leaf.crt", expired)), "out of date", expired);
    }

    @Test
    void aKeptBundleBeatsAndTheNewPinStillHelps() throws Exception {
        String bundle = OTHER_CA.certificatePem();

        assertRefused(Trust.ofBundle(bundle, List.of()), "give the new --tls-pin", LEAF, CA.certificate());
        Trust helped = Trust.ofBundle(bundle, List.of(CertifiedKey.pin(CA.certificate())));
        assertThat(call(helped, LEAF, CA.certificate())).isEqualTo("ready");
    }

    @Test
    void withoutPinOrCaTheSentenceSaysWhatToGive() {
        assertRefused(Trust.ofJvm(), "give --tls-pin", LEAF, CA.certificate());
    }

    @Test
    void insecureTakesAnyNameAndAnyIssuer() throws Exception {
        CertifiedKey other = Issuer.server(OTHER_CA, List.of("other.example"), NOW, LIFE);

        assertThat(call(Trust.ofEveryone(), other)).isEqualTo("ready");
    }

    private Path file(String name, CertifiedKey... authorities) throws Exception {
        StringBuilder pem = new StringBuilder();
        for (CertifiedKey authority : authorities) {
            pem.append(authority.certificatePem());
        }
        return Files.writeString(directory.resolve(name), pem);
    }

    private static String call(Trust trust, CertifiedKey leaf, X509Certificate... issuers) throws Exception {
        try (LoopbackServer server = LoopbackServer.tls(READY, leaf, issuers)) {
            ApiClient client = new ApiClient(new Endpoint(URI.create(server.url("https")), trust));
            return client.get("/api/health", Map.of(), Health.class).status();
        }
    }

    private static void assertRefused(Trust trust, String sentence, CertifiedKey leaf, X509Certificate... issuers) {
        assertThatThrownBy(() -> call(trust, leaf, issuers))
                .isInstanceOf(ApiFailure.class)
                .hasMessageContaining(sentence)
                .satisfies(failure ->
                        assertThat(((ApiFailure) failure).isAnswered()).isFalse());
    }
}
