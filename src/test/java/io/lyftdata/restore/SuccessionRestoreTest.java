package io.lyftdata.restore;

import static org.assertj.core.api.Assertions.assertThat;

import io.lyftdata.api.backup.Backups;
import io.lyftdata.api.certificate.RotateCa;
import io.lyftdata.api.certificate.RotateCa.State;
import io.lyftdata.archive.Envelope;
import io.lyftdata.client.ApiClient;
import io.lyftdata.client.ApiFailure;
import io.lyftdata.client.Endpoint;
import io.lyftdata.client.Trust;
import io.lyftdata.crypto.SigningKey;
import io.lyftdata.snapshot.Progress;
import io.lyftdata.testing.AgeKeys;
import io.lyftdata.testing.TestServer;
import io.lyftdata.testing.TestWorker;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A backup that was made while the authority was being replaced brings both of them back, elsewhere too. */
class SuccessionRestoreTest {
    private static final AgeKeys AGE = AgeKeys.generate();

    @TempDir
    Path directory;

    private static State step(ApiClient admin, String step) {
        return admin.post(RotateCa.PATH, new RotateCa(step, true), State.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"prepared", "activated"})
    void theSuccessionGoesOnWhereTheBackupWasMade(String phase) throws IOException {
        Path staging = directory.resolve("staging");
        Path file;
        TestWorker worker;
        String first;
        String second;
        try (TestServer server = TestServer.startWith(staging, "backup: {recipients: [" + AGE.recipient() + "]}")) {
            ApiClient admin = server.admin();
            worker = TestWorker.enroll(server, "w");
            first = server.pin();
            second = step(admin, "prepare").otherPin();
            if (phase.equals("activated")) {
                step(admin, "activate");
            }
            String name =
                    admin.post(Backups.PATH, null, Backups.Run.class).backup().name();
            file = staging.resolve("backups").resolve(name);
        }
        Path elsewhere = directory.resolve("elsewhere");
        restore(file, elsewhere, SigningKey.open(staging.resolve("signing.key")).fingerprint());

        try (TestServer server = TestServer.start(elsewhere, Map.of("reset-admin-password", "true"))) {
            ApiClient admin = server.admin();
            State found = admin.get(RotateCa.PATH, Map.of(), State.class);
            assertThat(found.phase()).isEqualTo(phase);
            assertThat(new String[] {found.pin(), found.otherPin()}).containsExactlyInAnyOrder(first, second);
            if (phase.equals("prepared")) {
                step(admin, "activate");
            }
            assertThat(isTrusted(server, first))
                    .as("who knows the old one only")
                    .isTrue();
            assertThat(isTrusted(server, second)).isTrue();
            worker.recover(server).beat();
            assertThat(step(admin, "retire").pin()).isEqualTo(second);
            assertThat(isTrusted(server, first)).isFalse();
            assertThat(isTrusted(server, second)).isTrue();
        }
    }

    private static void restore(Path file, Path staging, String signer) throws IOException {
        Restore.Request request = new Restore.Request(
                file, Envelope.identities(AGE.identity()), Optional.of(signer), false, staging, Optional.empty());
        try (Restore restore = Restore.prepare(request, Map.of(), Clock.systemUTC(), Progress.NONE)) {
            assertThat(restore.apply().tls()).isEqualTo("restored");
        }
    }

    private static boolean isTrusted(TestServer server, String pin) {
        try {
            new ApiClient(new Endpoint(server.url(), Trust.ofPins(pin)))
                    .send("GET", "/api/health", Map.of(), Map.of(), new byte[0]);
            return true;
        } catch (ApiFailure failure) {
            return false;
        }
    }
}
