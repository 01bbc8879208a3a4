package io.lyftdata.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.lyftdata.api.Health;
import io.lyftdata.api.certificate.Serving;
import io.lyftdata.api.certificate.Swap;
import io.lyftdata.client.ApiClient;
import io.lyftdata.client.ApiFailure;
import io.lyftdata.config.BadSetting;
import io.lyftdata.crypto.CertifiedKey;
import io.lyftdata.testing.RawClient;
import io.lyftdata.testing.Served;
import io.lyftdata.testing.TestCertificates;
import io.lyftdata.testing.TestCertificates.Wish;
import io.lyftdata.testing.TestServer;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Certificates that operators give to a running server, and swaps under load (HARDENING T11). */
class CertificateSwapTest {
    private static final Instant NOW = Instant.now().minusSeconds(60);
    private static final CertifiedKey ROOT =
            Wish.authority("root", "P-256", NOW).selfSigned();

    @TempDir
    Path directory;

    private CertifiedKey put() throws IOException {
        CertifiedKey leaf = Wish.leaf("P-256", NOW).by(ROOT);
        TestCertificates.write(directory.resolve("tls.crt"), leaf.certificatePem() + ROOT.certificatePem());
        TestCertificates.write(directory.resolve("tls.key"), TestCertificates.encrypted(leaf.key(), "open sesame"));
        return leaf;
    }

    private TestServer start() throws IOException {
        return TestServer.start(
                directory.resolve("staging"),
                Map.of(
                        "tls-cert",
                        directory.resolve("tls.crt").toString(),
                        "tls-key",
                        directory.resolve("tls.key").toString(),
                        "tls-key-passphrase",
                        "open sesame",
                        "built-in-worker",
                        "true"));
    }

    private static RawClient.Answer admin(TestServer server, String method, String path) throws IOException {
        return RawClient.plain(server.adminUrl())
                .call("127.0.0.1", method, path, "", "Authorization: Bearer " + server.adminToken());
    }

    @Test
    void servesWhatItIsGivenAndFollowsItsFiles() throws IOException {
        CertifiedKey first = put();
        try (TestServer server = start()) {
            assertThat(server.pin()).isEqualTo(CertifiedKey.pin(ROOT.certificate()));
            assertThat(Served.at(server).chain()).containsExactly(first.certificate(), ROOT.certificate());
            ApiClient admin = server.admin();
            Serving serving = admin.get(Serving.PATH, Map.of(), Serving.class);
            assertThat(serving.source()).isEqualTo("given");
            assertThat(serving.names()).containsExactly("localhost", "127.0.0.1");
            assertThat(serving.daysLeft()).isBetween(88L, 90L);
            assertThat(admin(server, "GET", "/metrics").body())
                    .contains("lyftdata_server_certificate_seconds_to_expiry ");
            await().atMost(Duration.ofSeconds(60))
                    .until(() -> admin.get("/api/workers", Map.of(), Map.class)
                            .toString()
                            .contains("state=online"));
            assertThatThrownBy(() -> admin.post(Swap.PATH, null, Swap.class))
                    .isInstanceOf(ApiFailure.class)
                    .hasMessageContaining("put the new ones there first");

            CertifiedKey next = put();
            assertThat(admin(server, "POST", "/tasks/reload-certificate").body())
                    .contains("\"changed\":true");
            assertThat(Served.at(server).leaf()).isEqualTo(next.certificate());

            CertifiedKey third = put();
            assertThat(admin(server, "POST", "/tasks/reload-configuration").status())
                    .isEqualTo(200);
            assertThat(Served.at(server).leaf()).isEqualTo(third.certificate());

            CertifiedKey fourth = put();
            await().atMost(Duration.ofSeconds(60))
                    .until(() -> Served.at(server).leaf().equals(fourth.certificate()));

            TestCertificates.write(directory.resolve("tls.key"), "rubbish");
            RawClient.Answer bad = admin(server, "POST", "/tasks/rotate-certificate");
            assertThat(bad.status()).isEqualTo(422);
            assertThat(bad.body()).contains("the present certificate goes on being served: tls-key: ");
            RawClient.Answer nothing = admin(server, "POST", "/tasks/reload-configuration");
            assertThat(nothing.status()).isEqualTo(422);
            assertThat(nothing.body()).contains("nothing was changed: tls-key: ");
            RawClient.Answer health = admin(server, "GET", "/healthcheck");
            assertThat(health.status()).isEqualTo(500);
            assertThat(health.body()).contains("holds no private key in PEM form");
            assertThat(server.log()).contains("a new certificate is not served, the present one goes on: tls-key: ");
            assertThat(server.client()
                            .get("/api/health", Map.of(), Health.class)
                            .status())
                    .isEqualTo("ready");
            assertThat(Served.at(server).leaf()).isEqualTo(fourth.certificate());
        }
        assertThatThrownBy(this::start)
                .isInstanceOf(BadSetting.class)
                .hasMessage("tls-key: " + directory.resolve("tls.key")
                        + ": it holds no private key in PEM form (-----BEGIN PRIVATE KEY-----)");
        put();
        start().close();
    }

    @Test
    void aHundredSwapsUnderLoadLoseNoRequest() throws Exception {
        try (TestServer server = TestServer.start(directory.resolve("staging"), Map.of())) {
            ApiClient admin = server.admin();
            RawClient raw = RawClient.of(server);
            AtomicBoolean stop = new AtomicBoolean();
            ExecutorService threads = Executors.newCachedThreadPool();
            List<Future<Integer>> clients = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                ApiClient kept = server.client();
                clients.add(threads.submit(load(stop, () -> kept.get("/api/health", Map.of(), Health.class))));
                clients.add(threads.submit(load(
                        stop,
                        () -> assertThat(raw.call("127.0.0.1", "GET", "/api/health", "")
                                        .status())
                                .isEqualTo(200))));
            }
            Set<String> served = new HashSet<>();
            for (int i = 0; i < 100; i++) {
                served.add(admin.post(Swap.PATH, null, Swap.class).fingerprint());
            }
            stop.set(true);
            for (Future<Integer> client : clients) {
                assertThat(client.get()).isGreaterThan(20);
            }
            threads.shutdown();
            assertThat(served).hasSize(100);
            assertThat(server.pin())
                    .isEqualTo(CertifiedKey.pin(Served.at(server).chain().get(1)));
        }
    }

    private interface Call {
        void run() throws Exception;
    }

    /** How many calls went well until it was stopped; the first that does not ends the test. */
    private static Callable<Integer> load(AtomicBoolean stop, Call call) {
        return () -> {
            int count = 0;
            while (!stop.get()) {
                call.run();
                count++;
            }
            return count;
        };
    }
}
