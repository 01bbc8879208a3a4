package io.lyftdata.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lyftdata.api.AuditHead;
import io.lyftdata.client.Json;
import io.lyftdata.client.Trust;
import io.lyftdata.config.BadSetting;
import io.lyftdata.crypto.Issuer;
import io.lyftdata.crypto.KeyString;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whoever looks at a worker sees it as it is, disturbs nothing, and learns no secret. */
class WorkerStatusTest {
    private static final AuditHead HEAD = new AuditHead("i", "s", 7, "h", "g");

    @TempDir
    Path jobs;

    private WorkerStatus read() {
        return WorkerStatus.read(jobs).orElseThrow();
    }

    @Test
    void aRunningWorkerIsShownWithoutItsLockOrItsSecrets() throws Exception {
        String pem = Issuer.authority("ca", Instant.now(), Duration.ofDays(1)).certificatePem();
        KeyString next;
        try (WorkerState state = WorkerState.open(jobs)) {
            state.make();
            next = state.makeNext();
            state.saveBundle(pem);
            state.witness(HEAD);
            state.save(new WorkerState.Facts("web-1", "i", "https://x:3000", true, "r", List.of()));
            WorkerStatus running = read();
            assertThat(running)
                    .isEqualTo(new WorkerStatus(
                            jobs.toString(),
                            true,
                            "web-1",
                            true,
                            "i",
                            "https://x:3000",
                            state.key().id(),
                            next.id(),
                            state.identity().publicKey(),
                            "r",
                            Trust.pinsOf(pem),
                            HEAD));
            assertThat(running + Json.MAPPER.writeValueAsString(running))
                    .doesNotContain(state.key().reveal(), next.reveal(), "PRIVATE");
            Files.copy(jobs.resolve("next.key"), jobs.resolve("kept"));
            state.adoptNext();
        }
        assertThat(read().running()).isFalse();
        Files.move(jobs.resolve("kept"), jobs.resolve("next.key"));
        assertThat(read().keyId()).isEqualTo(next.id());
        assertThat(read().nextKeyId()).as("left by a crash, adopted already").isNull();
    }

    @Test
    void aDirectoryWithoutAWorkerHoldsNoneAndStaysAsItIs() throws Exception {
        assertThat(WorkerStatus.read(jobs.resolve("nowhere"))).isEmpty();
        assertThat(WorkerStatus.read(jobs)).isEmpty();
        assertThat(jobs).isEmptyDirectory();
    }

    @Test
    void whatIsDamagedIsNamedAndNotShownAsMissing() throws Exception {
        Files.writeString(jobs.resolve("worker.key"), "lyd_wk_half");
        assertThatThrownBy(this::read)
                .isInstanceOf(BadSetting.class)
                .hasMessageContaining("worker.key is damaged")
                .hasMessageNotContaining("lyd_wk_half");
    }
}
