package io.lyftdata.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.type.TypeReference;
import io.lyftdata.api.Accounts;
import io.lyftdata.api.AutoEnrollment;
import io.lyftdata.api.Page;
import io.lyftdata.api.Workers;
import io.lyftdata.client.Json;
import io.lyftdata.crypto.CertifiedKey;
import io.lyftdata.crypto.Digests;
import io.lyftdata.crypto.Issuer;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class FactsTest {
    private static final String ID = "0123456789abcdef0123456789abcdef";
    private static final String ENROLLMENT = "GET /api/workers/auto-enrollment";

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

    private static String worker(String id, String state, String labels) {
        return "{\"id\":\"" + id + "\",\"state\":\"" + state + "\",\"labels\":" + labels
                + ",\"createdAt\":\"2026-11-20T08:00:00.000Z\",\"later\":1}";
    }

    private void threePages() {
        server.on("GET /api/workers?limit=1000", 200, page(worker("a", "online", "{\"zone\":\"eu\"}"), "\"p2\""));
        for (String query : new String[] {"limit=1000&cursor=p2", "cursor=p2&limit=1000"}) {
            server.on("GET /api/workers?" + query, 200, page(worker("b", "offline", "{\"zone\":\"us\"}"), "\"p3\""));
        }
        for (String query : new String[] {"limit=1000&cursor=p3", "cursor=p3&limit=1000"}) {
            server.on("GET /api/workers?" + query, 200, page(worker("c", "online", "{\"zone\":\"us\"}"), "null"));
        }
    }

    private static String page(String items, String next) {
        return "{\"items\":[" + items + "],\"next\":" + next + "}";
    }

    @Test
    void aListIsReadToItsLastPage() throws IOException {
        threePages();
        assertThat(cli.run("workers", "list", "--output", "json")).as(cli.err).isZero();
        Page<Workers.View> all = Json.MAPPER.readValue(cli.out, new TypeReference<>() {});
        assertThat(all.items()).extracting(Workers.View::id).containsExactly("a", "b", "c");
        assertThat(all.items().get(0).createdAt()).isEqualTo(Instant.parse("2026-11-20T08:00:00Z"));
        assertThat(all.next()).isNull();
        assertThat(server.asked()).allMatch(asked -> asked.authorization().equals("Bearer " + CommandLineRun.TOKEN));
    }

    @Test
    void aListCanBeNarrowed() {
        threePages();
        assertThat(cli.run("workers", "list", "--label", "zone=us", "--state", "online"))
                .as(cli.err)
                .isZero();
        assertThat(cli.out.lines()).hasSize(2);
        assertThat(cli.out.lines().skip(1)).allMatch(line -> line.startsWith("c   online  -"));
    }

    @Test
    void aWorkerCannotSteerTheTerminal() {
        server.on("GET /api/workers/a", 200, worker("a", "online", "{\"zone\":\"\\u001b[2J\\u2028\\u202e\"}"));
        assertThat(cli.run("workers", "show", "a")).as(cli.err).isZero();
        assertThat(cli.out)
                .contains("labels:")
                .contains("zone=\\u001b[2J\\u2028\\u202e")
                .doesNotContain("\u001b");
    }

    @Test
    void aPathInAnArgumentStaysAnArgument() {
        assertThat(cli.run("workers", "show", "../users?x")).isEqualTo(1);
        assertThat(server.asked().get(0).line()).isEqualTo("GET /api/workers/..%2Fusers%3Fx");
    }

    @Test
    void theBootstrapKeyIsShownOnceAndNotInTheStartLine() throws IOException {
        String issued = "{\"workerId\":\"web-1\",\"keyId\":\"" + ID
                + "\",\"key\":\"lyd_wk_secret\",\"expiresAt\":\"2026-11-24T12:00:00.000Z\"}";
        server.on("POST /api/workers", 201, issued).on("POST /api/workers/web-1/keys", 201, issued);
        assertThat(cli.run("workers", "add", "Web-1", "--label", "zone=eu"))
                .as(cli.err)
                .isZero();
        assertThat(cli.out)
                .containsOnlyOnce("lyd_wk_secret")
                .endsWith("LYFTDATA_WORKER_API_KEY_FILE=worker.key java -jar lyftdata.jar worker --url " + server.url()
                        + " --worker-id web-1\n");
        assertThat(Json.MAPPER.readValue(server.asked().get(0).body(), Workers.Add.class))
                .isEqualTo(new Workers.Add("Web-1", Map.of("zone", "eu")));
        assertThat(cli.run("api-keys", "issue", "web-1", "--output", "json"))
                .as(cli.err)
                .isZero();
        assertThat(Json.MAPPER.readValue(cli.out, Workers.IssuedKey.class).key())
                .isEqualTo("lyd_wk_secret");
    }

    @Test
    void isolatingTellsTheServerWhyAndTheOperatorWho() throws IOException {
        String isolated = "{\"id\":\"web-1\",\"state\":\"isolated\",\"labels\":{},\"claimed\":{},\"isolated\":"
                + "{\"at\":\"2026-11-24T12:00:00.000Z\",\"by\":\"user ann\",\"reason\":\"stolen\"}}";
        server.on("POST /api/workers/web-1/isolate", 200, isolated)
                .on("POST /api/workers/web-1/release", 200, isolated);
        assertThat(cli.run("workers", "isolate", "web-1")).isEqualTo(2);
        assertThat(cli.run("workers", "isolate", "web-1", "--reason", "stolen"))
                .as(cli.err)
                .isZero();
        assertThat(cli.out).contains("2026-11-24T12:00:00.000Z by user ann: stolen");
        assertThat(Json.MAPPER.readValue(server.asked().get(0).body(), Workers.Isolate.class))
                .isEqualTo(new Workers.Isolate("stolen", null));
        assertThat(cli.run("workers", "release", "web-1")).as(cli.err).isZero();
    }

    @Test
    void theKeysOfAllWorkersAreListedTogether() throws IOException {
        threePages();
        for (String id : new String[] {"a", "b", "c"}) {
            server.on(
                    "GET /api/workers/" + id + "/keys?limit=1000",
                    200,
                    page("{\"id\":\"k" + id + "\",\"workerId\":\"" + id + "\",\"state\":\"active\"}", "null"));
        }
        assertThat(cli.run("api-keys", "list", "--output", "json")).as(cli.err).isZero();
        Page<Workers.KeyView> keys = Json.MAPPER.readValue(cli.out, new TypeReference<>() {});
        assertThat(keys.items()).extracting(Workers.KeyView::id).containsExactly("ka", "kb", "kc");
    }

    @Test
    void aKeyAndATokenAreRevokedByTheirId() {
        server.on("DELETE /api/keys/" + ID, 200, "{\"id\":\"" + ID + "\"}").on("DELETE /api/tokens/" + ID, 204, "");
        assertThat(cli.run("api-keys", "revoke", ID)).as(cli.err).isZero();
        assertThat(cli.run("tokens", "revoke", ID)).as(cli.err).isZero();
    }

    @Test
    void aTokenLivesAsLongAsAskedFor() throws IOException {
        server.on(
                "POST /api/tokens",
                201,
                "{\"id\":\"" + ID + "\",\"token\":\"lyd_at_new\",\"expiresAt\":\"2026-11-23T14:00:00.000Z\"}");
        assertThat(cli.run(
                        "tokens",
                        "issue",
                        "--name",
                        "ci",
                        "--role",
                        "viewer",
                        "--expires",
                        "2h",
                        "--source",
                        "10.0.0.1",
                        "--source",
                        "10.0.0.2"))
                .as(cli.err)
                .isZero();
        assertThat(cli.out).containsOnlyOnce("lyd_at_new").contains("until 2026-11-23T14:00:00.000Z");
        Accounts.IssueToken wish = Json.MAPPER.readValue(server.asked().get(0).body(), Accounts.IssueToken.class);
        assertThat(wish.expiresInSeconds()).isEqualTo(7200);
        assertThat(wish.sources()).containsExactly("10.0.0.1", "10.0.0.2");
        assertThat(cli.run("tokens", "issue", "--name", "ci", "--role", "viewer", "--expires", "soon"))
                .isEqualTo(2);
    }

    @Test
    void aNewUsersPasswordIsNotPrinted() {
        server.on("POST /api/users", 201, "{\"name\":\"eve\",\"role\":\"operator\"}");
        cli.input = "a long enough password\n";
        assertThat(cli.run("users", "add", "eve", "--role", "operator"))
                .as(cli.err)
                .isZero();
        assertThat(cli.out + cli.err).contains("operator").doesNotContain("long enough");
        assertThat(server.asked().get(0).body()).contains("a long enough password");
    }

    @Test
    void onlyEnableAndRotatePrintTheEnrollmentSecret() throws IOException {
        String on = "{\"enabled\":true,\"secretId\":\"" + ID + "\",\"admitted\":3}";
        String made = "{\"enabled\":true,\"secretId\":\"" + ID + "\",\"enrollment_secret\":\"lyd_en_secret\"}";
        server.on(ENROLLMENT, 200, on).on("POST /api/workers/auto-enrollment", 200, made);
        assertThat(cli.run("enrollment", "show")).as(cli.err).isZero();
        assertThat(cli.out)
                .contains("admitted:")
                .contains("LYFTDATA_AUTO_ENROLLMENT_KEY_FILE=enrollment.key java -jar lyftdata.jar worker --url ")
                .doesNotContain("lyd_en_secret");
        assertThat(cli.run("enrollment", "rotate")).as(cli.err).isZero();
        assertThat(cli.out).containsOnlyOnce("lyd_en_secret");
        assertThat(cli.run("enrollment", "rotate", "--output", "json")).isZero();
        assertThat(Json.MAPPER.readValue(cli.out, AutoEnrollment.View.class).enrollmentSecret())
                .isEqualTo("lyd_en_secret");
    }

    @Test
    void enablingTwiceDoesNotReplaceTheSecretUnasked() {
        server.on(ENROLLMENT, 200, "{\"enabled\":true}");
        assertThat(cli.run("enrollment", "enable")).isEqualTo(1);
        assertThat(cli.err).contains("already on").contains("lyftdata enrollment rotate");
        server.on(ENROLLMENT, 200, "{\"enabled\":false}");
        assertThat(cli.run("enrollment", "rotate")).isEqualTo(1);
        assertThat(cli.err).contains("is off").contains("lyftdata enrollment enable");
        assertThat(server.asked()).noneMatch(asked -> asked.line().startsWith("POST"));
    }

    @Test
    void theLockdownIsSwitchedForWhomItIsToldTo() {
        String path = "/api/incidents/lockdown";
        server.on("POST " + path, 200, "{\"on\":true,\"from\":[\"10.0.0.5\"],\"by\":\"user ada\"}");
        assertThat(cli.run("incident", "lockdown", "on", "--from", "10.0.0.5", "--from", "10.0.0.6"))
                .as(cli.err)
                .isZero();
        assertThat(cli.out).contains("locked down:  true", "user ada");
        assertThat(cli.run("incident", "lockdown", "off")).as(cli.err).isZero();
        assertThat(server.asked())
                .extracting(CannedServer.Asked::body)
                .containsExactly("{\"on\":true,\"from\":[\"10.0.0.5\",\"10.0.0.6\"]}", "{\"on\":false,\"from\":null}");
        server.on("GET " + path, 200, "{\"on\":false,\"from\":[]}");
        assertThat(cli.run("incident", "lockdown", "status")).as(cli.err).isZero();
        assertThat(cli.out).contains("locked down:  false");
    }

    @Test
    void aReportIsWrittenWithWhatVouchesForIt() throws IOException {
        server.on(
                "GET /api/incidents/20261127-abcdef/report",
                200,
                "{\"json\":\"{}\\n\",\"markdown\":\"# M\\n\",\"sums\":\"s\\n\",\"signature\":\"AAEC\",\"publicKey\":\"MCow\"}");
        Path directory = home.resolve("report");
        assertThat(cli.run("incident", "report", "20261127-abcdef", "--directory", directory.toString()))
                .as(cli.err)
                .isZero();
        assertThat(cli.out).isEqualTo("# M\n");
        assertThat(directory.resolve("incident-20261127-abcdef.json")).hasContent("{}");
        assertThat(directory.resolve("incident-20261127-abcdef.md")).hasContent("# M");
        assertThat(directory.resolve("incident-20261127-abcdef.sums")).hasContent("s");
        assertThat(directory.resolve("incident-20261127-abcdef.sums.sig")).hasBinaryContent(new byte[] {0, 1, 2});
        assertThat(directory.resolve("signing.pem")).content().contains("PUBLIC KEY-----\nMCow\n-----END");
        assertThat(cli.run("incident", "report", "20261127-abcdef", "--output", "json"))
                .isZero();
        assertThat(cli.out).isEqualTo("{}\n");
        Path file = directory.resolve("signing.pem");
        assertThat(cli.run("incident", "report", "20261127-abcdef", "--directory", file + "/r"))
                .isEqualTo(1);
        assertThat(cli.err)
                .hasLineCount(1)
                .contains("could not be written to " + file + "/r: name a directory that can be written");
    }

    @Test
    void metricsArePrintedAsTheyCome() {
        String exposition = "# TYPE up gauge\nup{worker=\"a\"} 1\n";
        server.on("GET /api/workers/a/metrics", 200, exposition);
        assertThat(cli.run("workers", "metrics", "a")).as(cli.err).isZero();
        assertThat(cli.out).isEqualTo(exposition);
    }

    @Test
    void theCertificatesPinIsThatOfItsPublicKey() {
        CertifiedKey authority = Issuer.authority("test CA", cli.clock.instant(), Duration.ofDays(1));
        server.on("GET /api/ca", 200, authority.certificatePem());
        cli.environment.remove("LYFTDATA_API_TOKEN");
        String key = HexFormat.of()
                .formatHex(Digests.sha256(authority.certificate().getPublicKey().getEncoded()));
        assertThat(cli.run("certificate", "show")).as(cli.err).isZero();
        assertThat(cli.out).contains("sha256:" + key).contains("CN=test CA").contains("2026-11-24T12:00:00.000Z");
        server.on("GET /api/ca", 200, "-----BEGIN CERTIFICATE-----\nno\n-----END CERTIFICATE-----\n");
        assertThat(cli.run("certificate", "show")).isEqualTo(1);
        assertThat(cli.err).contains("no readable certificates").hasLineCount(1);
    }
}
