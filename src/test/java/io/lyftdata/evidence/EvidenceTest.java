package io.lyftdata.evidence;

import static org.assertj.core.api.Assertions.assertThat;

import com.exceptionfactory.jagged.RecipientStanzaReader;
import com.exceptionfactory.jagged.framework.stream.StandardDecryptingChannelFactory;
import com.fasterxml.jackson.databind.JsonNode;
import io.lyftdata.api.Login;
import io.lyftdata.api.Workers.Add;
import io.lyftdata.api.Workers.IssuedKey;
import io.lyftdata.api.incident.Incidents;
import io.lyftdata.api.incident.Incidents.Open;
import io.lyftdata.api.incident.Incidents.Ran;
import io.lyftdata.api.incident.Incidents.Run;
import io.lyftdata.api.incident.Incidents.Scope;
import io.lyftdata.api.incident.Incidents.Skip;
import io.lyftdata.api.incident.Incidents.Step;
import io.lyftdata.api.incident.Incidents.View;
import io.lyftdata.archive.Envelope;
import io.lyftdata.archive.Signed;
import io.lyftdata.client.ApiClient;
import io.lyftdata.client.Json;
import io.lyftdata.crypto.Digests;
import io.lyftdata.crypto.KeyString;
import io.lyftdata.crypto.SigningKey;
import io.lyftdata.testing.AgeKeys;
import io.lyftdata.testing.RawClient;
import io.lyftdata.testing.TestServer;
import io.lyftdata.testing.TestWorker;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the evidence holds, who can open it, and that no secret is in it. */
class EvidenceTest {
    private static final AgeKeys AGE = AgeKeys.generate();

    @TempDir
    Path directory;

    private TestServer server;
    private ApiClient admin;
    private final Map<String, String> secrets = new LinkedHashMap<>();

    private View open(Scope scope) {
        Instant since = Instant.now().minus(Duration.ofHours(1));
        return admin.post(Incidents.PATH, new Open("a leak", scope, since, null, null, null), View.class);
    }

    /** What became of the last step, after those before it were left out. */
    private Step collect(View incident) {
        String path = Incidents.PATH + "/" + incident.id();
        for (Step step : incident.steps()) {
            if (step.name().equals("evidence")) {
                break;
            }
            admin.post(path + "/skip", new Skip(step.name(), "a test"), View.class);
        }
        return evidence(admin.post(path + "/run", new Run("evidence", null), Ran.class));
    }

    private static Step evidence(Ran ran) {
        return ran.incident().steps().stream()
                .filter(step -> step.name().equals("evidence"))
                .findFirst()
                .orElseThrow();
    }

    private static Scope none() {
        return new Scope(null, null, null, null, null, true);
    }

    private Path unpacked(Path file) throws Exception {
        Path out = Files.createDirectory(directory.resolve("out"));
        Process tar = new ProcessBuilder("tar", "x", "-C", out.toString())
                .redirectErrorStream(true)
                .start();
        List<RecipientStanzaReader> identities = Envelope.identities(AGE.identity());
        try (InputStream in = Channels.newInputStream(new StandardDecryptingChannelFactory()
                        .newDecryptingChannel(Files.newByteChannel(file), identities));
                OutputStream to = tar.getOutputStream()) {
            in.transferTo(to);
        }
        assertThat(tar.waitFor()).isZero();
        return out;
    }

    private void leak() throws Exception {
        secrets.put("password", TestServer.ADMIN_PASSWORD);
        secrets.put("enrollment secret", TestWorker.secret(server));
        secrets.put(
                "session",
                server.client()
                        .post("/api/login", new Login.Request("admin", TestServer.ADMIN_PASSWORD), Login.Answer.class)
                        .token());
        secrets.put("token", server.token("admin"));
        TestWorker worker = TestWorker.enroll(server, "leaky", Map.of("zone", "eu"));
        worker.beat();
        secrets.put("worker key", worker.key().reveal());
        secrets.put("its hash", worker.key().hash());
        secrets.put(
                "bootstrap key",
                admin.post("/api/workers", new Add("leaky-2", Map.of()), IssuedKey.class)
                        .key());
        secrets.put("admin token", server.adminToken());
        for (String file : List.of("signing.key", "tls/ca.key", "tls/server.key")) {
            secrets.put(file, Files.readAllLines(server.staging().resolve(file)).get(1));
        }
        String unknown = KeyString.generate(KeyString.Kind.API_TOKEN).reveal();
        secrets.put("unknown key", unknown);
        for (int i = 0; i < 3; i++) {
            RawClient.of(server).call("127.0.30.1", "GET", "/api/workers", "", "Authorization: Bearer " + unknown);
        }
    }

    @Test
    void holdsWhatHappenedForTheRecipientsAndNoSecret() throws Exception {
        server = TestServer.startWith(
                directory.resolve("staging"), "log-level: debug\nbackup: {recipients: [" + AGE.recipient() + "]}");
        try (TestServer running = server) {
            admin = running.admin();
            leak();
            Awaitility.await()
                    .atMost(Duration.ofSeconds(30))
                    .until(() -> admin.send("GET", "/api/audit", Map.of("address", "127.0.30.1"), Map.of(), new byte[0])
                            .text()
                            .contains("key_unknown"));
            View incident = open(new Scope(List.of("leaky"), null, null, null, null, null));
            Step done = collect(incident);
            assertThat(done.state()).as(done.said()).isEqualTo("done");
            Path file = server.staging()
                    .resolve("incident")
                    .resolve(done.facts().get("file").toString());
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                    .isEqualTo("rw-------");
            assertThat(Digests.sha256Hex(Files.readAllBytes(file)))
                    .isEqualTo(done.facts().get("sha256"));
            Path out = unpacked(file);
            assertHolds(out, incident.id());
            assertNoSecretIn(out);
            assertThat(admin.send("GET", "/api/audit", Map.of("action", "evidence_collected"), Map.of(), new byte[0])
                            .text())
                    .contains(incident.id(), done.facts().get("sha256").toString());
        }
    }

    private void assertHolds(Path out, String incident) throws Exception {
        Signed signed = Signed.parse(Files.readString(out.resolve("manifest")));
        assertThat(signed.signer())
                .isEqualTo(
                        SigningKey.open(server.staging().resolve("signing.key")).fingerprint());
        EvidenceManifest manifest = signed.content(EvidenceManifest.class);
        assertThat(manifest.incident()).isEqualTo(incident);
        assertThat(manifest.missing()).isSubsetOf("sbom.cdx.json");
        List<String> names = new ArrayList<>();
        for (var member : manifest.members()) {
            names.add(member.name());
            byte[] content = Files.readAllBytes(out.resolve(member.name()));
            assertThat(Digests.sha256Hex(content)).as(member.name()).isEqualTo(member.sha256());
        }
        assertThat(names)
                .contains(
                        "audit.ndjson",
                        "refused.json",
                        "settings.json",
                        "settings-changes.ndjson",
                        "posture-before.json",
                        "posture-after.json",
                        "workers.ndjson",
                        "keys.ndjson",
                        "enrollment-secrets.ndjson",
                        "version.json",
                        "timeline.jsonl",
                        "logs/server.log");
        String chain = admin.send("GET", "/api/audit/export", Map.of("limit", 1000), Map.of(), new byte[0])
                .text();
        assertThat(chain).startsWith(Files.readString(out.resolve("audit.ndjson")));
        assertThat(Files.readString(server.staging().resolve("logs/server.log")))
                .startsWith(Files.readString(out.resolve("logs/server.log")));
        JsonNode refused = Json.MAPPER.readTree(out.resolve("refused.json").toFile());
        assertThat(refused.findValuesAsText("address")).contains("127.0.30.1");
        assertThat(Files.readString(out.resolve("workers.ndjson")))
                .contains("\"id\":\"leaky\"", "\"admittedBy\"", "\"admittedFrom\"");
        assertThat(Files.readString(out.resolve("keys.ndjson")))
                .contains(
                        KeyString.parse(secrets.get("worker key")).orElseThrow().id());
        assertThat(Files.readString(out.resolve("settings.json"))).contains("backup.recipients");
        assertThat(Files.readString(out.resolve("settings-changes.ndjson"))).contains("\"number\":1");
        assertThat(Files.readString(out.resolve("timeline.jsonl"))).contains("a leak");
    }

    private void assertNoSecretIn(Path out) throws Exception {
        try (Stream<Path> files = Files.walk(out)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                String text = Files.readString(file, StandardCharsets.ISO_8859_1);
                secrets.forEach((name, secret) -> assertThat(text.contains(secret))
                        .as(name + " in " + file)
                        .isFalse());
            }
        }
    }

    @Test
    void withoutARecipientItIsLeftOutUntilThereIsOne() throws Exception {
        Path staging = directory.resolve("staging");
        String id;
        server = TestServer.start(staging, Map.of());
        try (TestServer running = server) {
            admin = running.admin();
            View incident = open(none());
            id = incident.id();
            Step skipped = collect(incident);
            assertThat(skipped.state()).isEqualTo("skipped");
            assertThat(skipped.said()).contains("put the public part, age1…", "under backup.recipients");
            try (Stream<Path> files = Files.list(staging.resolve("incident"))) {
                assertThat(files.map(path -> path.getFileName().toString()))
                        .containsExactlyInAnyOrder(incident.id() + ".jsonl", incident.id() + ".posture.json");
            }
        }
        Path left = Files.createDirectory(staging.resolve("incident/.lyftdata-1234"));
        Files.writeString(left.resolve("0"), "what a crash left");
        try (TestServer again = TestServer.startWith(staging, "backup: {recipients: [" + AGE.recipient() + "]}")) {
            assertThat(left).doesNotExist();
            admin = again.admin();
            String path = Incidents.PATH + "/" + id;
            assertThat(evidence(admin.post(path + "/run", new Run(null, null), Ran.class))
                            .state())
                    .isEqualTo("skipped");
            assertThat(evidence(admin.post(path + "/run", new Run("evidence", null), Ran.class))
                            .state())
                    .isEqualTo("done");
        }
    }
}
