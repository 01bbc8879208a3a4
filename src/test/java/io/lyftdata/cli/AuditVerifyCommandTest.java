package io.lyftdata.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.lyftdata.api.AuditHead;
import io.lyftdata.api.audit.SignedHead;
import io.lyftdata.client.Json;
import io.lyftdata.crypto.Digests;
import io.lyftdata.crypto.Identity;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class AuditVerifyCommandTest {
    private static final String PATH = "GET /api/audit/verification";

    @TempDir
    private Path home;

    private CannedServer server;
    private CommandLineRun cli;

    @BeforeEach
    void start() throws IOException {
        server = new CannedServer();
        cli = CommandLineRun.withToken(home, server);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    /** Lines as the server writes them, positions 3 to 10. */
    private static List<String> export() {
        List<String> lines = new ArrayList<>();
        String previous = "0".repeat(64);
        for (int position = 3; position <= 10; position++) {
            String body = "{\"position\":" + position + ",\"segment\":\"ab\",\"time\":\"2026-11-23T11:50:00.000Z\","
                    + "\"action\":\"USER_ADDED\",\"actorKind\":\"user\",\"actor\":\"ann\",\"subject\":\"\u00fc"
                    + position
                    + "\",\"previous\":\"" + previous + "\"";
            previous = Digests.sha256Hex(body + "}");
            lines.add(body + ",\"hash\":\"" + previous + "\"}");
        }
        return lines;
    }

    private Path file(Consumer<List<String>> tampering) throws IOException {
        List<String> lines = export();
        tampering.accept(lines);
        return Files.write(home.resolve("audit.jsonl"), lines);
    }

    private void assertFile(Consumer<List<String>> tampering, String finding) throws IOException {
        assertThat(cli.run("audit", "verify", "--file", file(tampering).toString()))
                .isEqualTo(3);
        assertThat(cli.out)
                .startsWith("the audit log is broken at position " + finding)
                .hasLineCount(1);
    }

    @Test
    void goesOnOverAnswersAndSaysHowFarItIs() {
        server.on(PATH, 200, "{\"first\":1,\"last\":5,\"end\":8,\"next\":\"5-a-b\"}")
                .on(PATH + "?cursor=5-a-b", 200, "{\"first\":6,\"last\":8,\"end\":8}");
        assertThat(cli.run("audit", "verify")).as(cli.err).isZero();
        assertThat(cli.out).isEqualTo("the audit log is whole: positions 1 to 8\n");
        assertThat(cli.err).isEqualTo("verified up to position 5 of 8\n");
    }

    @Test
    void somethingWrongIsExitCodeThree() {
        server.on(PATH, 200, "{\"first\":1,\"last\":4,\"end\":8,\"broken\":{\"position\":5,\"fault\":\"missing\"}}");
        assertThat(cli.run("audit", "verify")).isEqualTo(3);
        assertThat(cli.out).startsWith("the audit log is broken at position 5 (missing): ");
        assertThat(cli.run("audit", "verify", "--output", "json")).isEqualTo(3);
        assertThat(cli.out).contains("\"fault\" : \"missing\"");
    }

    @Test
    void verifiesAFileWithoutAServer() throws IOException {
        server.close();
        assertThat(cli.run("audit", "verify", "--file", file(lines -> {}).toString()))
                .as(cli.err)
                .isZero();
        assertThat(cli.out).isEqualTo("the audit log is whole: positions 3 to 10\n");
    }

    @Test
    void findsWhatWasDoneToAFile() throws IOException {
        assertFile(lines -> lines.set(2, lines.get(2).replace("ann", "bob")), "5 (changed)");
        assertFile(lines -> lines.set(2, "{}"), "5 (changed)");
        assertFile(lines -> lines.remove(2), "5 (missing)");
        assertFile(lines -> lines.add(3, lines.get(2)), "5 (inserted)");
        assertFile(lines -> lines.add(2, lines.get(7)), "5 (inserted)");
        assertFile(lines -> Collections.swap(lines, 2, 3), "5 (reordered)");
        assertFile(lines -> Collections.swap(lines, 2, 6), "5 (reordered)");
        Path cut = file(lines -> {});
        byte[] bytes = Files.readAllBytes(cut);
        Files.write(cut, Arrays.copyOf(bytes, bytes.length - 30));
        assertThat(cli.run("audit", "verify", "--file", cut.toString())).isEqualTo(3);
        assertThat(cli.out).contains("position 10 (cut)");
    }

    @Test
    void aSignerVouchesForTheHeadThatLiesBeside() throws IOException {
        Identity key = Identity.generate();
        Path file = file(lines -> {});
        String hash = export().get(6).replaceAll(".*\"hash\":\"([0-9a-f]+)\"}", "$1");
        sign(key, file, new AuditHead("i1", "ab", 9, hash, ""));
        assertThat(verify(file, key)).as(cli.err).isZero();
        assertThat(verify(file, Identity.generate())).isEqualTo(3);
        assertThat(cli.out).contains("position 9 (unsigned)");

        Files.write(file, export().subList(0, 5));
        assertThat(verify(file, key)).as("cut before its head").isEqualTo(3);
        assertThat(cli.out).contains("position 8 (missing)");

        file(lines -> {});
        sign(key, file, new AuditHead("i1", "ab", 9, "0".repeat(64), ""));
        assertThat(verify(file, key)).as("of another chain").isEqualTo(3);
        assertThat(cli.out).contains("position 9 (unsigned)");

        Files.delete(ExportedChain.headOf(file));
        assertThat(verify(file, key)).isEqualTo(1);
        assertThat(cli.err).contains("audit.jsonl.head is missing");
    }

    private int verify(Path file, Identity signer) {
        return cli.run("audit", "verify", "--file", file.toString(), "--signer", signer.fingerprint());
    }

    private static void sign(Identity key, Path file, AuditHead head) throws IOException {
        SignedHead signed = new SignedHead(head.signed(key.sign(head.signedBytes())), key.publicKey());
        Files.write(ExportedChain.headOf(file), Json.MAPPER.writeValueAsBytes(signed));
    }

    @Test
    void saysWhatIsNoExport() throws IOException {
        Path file = Files.writeString(home.resolve("other"), "hello\n");
        assertThat(cli.run("audit", "verify", "--file", file.toString())).isEqualTo(1);
        assertThat(cli.err).contains("does not begin with a record").hasLineCount(1);
        assertThat(cli.run("audit", "verify", "--file", home.resolve("none").toString()))
                .isEqualTo(1);
        assertThat(cli.err).contains("cannot be read").hasLineCount(1);
        assertThat(cli.run("audit", "verify", "--signer", "sha256:00")).isEqualTo(2);
    }
}
