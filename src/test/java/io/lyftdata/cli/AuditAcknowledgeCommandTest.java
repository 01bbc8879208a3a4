package io.lyftdata.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class AuditAcknowledgeCommandTest {
    private static final String CALL = "POST /api/audit/acknowledge";

    @TempDir
    private Path home;

    @Test
    void sendsTheReasonAndSaysWhatFollows() throws IOException {
        try (CannedServer server = new CannedServer()) {
            CommandLineRun cli = CommandLineRun.withToken(home, server);
            server.on(CALL, 204, "");
            assertThat(cli.run("audit", "acknowledge", "--reason", "an old snapshot"))
                    .as(cli.err)
                    .isZero();
            assertThat(server.asked().get(0).body()).isEqualTo("{\"reason\":\"an old snapshot\"}");
            assertThat(cli.out).contains("new segment");
            assertThat(cli.run("audit", "acknowledge")).isEqualTo(2);
            assertThat(cli.err).contains("--reason");
        }
    }
}
