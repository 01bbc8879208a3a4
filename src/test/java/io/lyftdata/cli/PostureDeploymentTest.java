package io.lyftdata.cli;

import static java.util.stream.Collectors.toCollection;
import static org.assertj.core.api.Assertions.assertThat;

import io.lyftdata.api.Accounts.IssueToken;
import io.lyftdata.api.Accounts.IssuedToken;
import io.lyftdata.api.AutoEnrollment;
import io.lyftdata.api.Enroll;
import io.lyftdata.api.Heartbeat;
import io.lyftdata.api.Workers.Add;
import io.lyftdata.api.Workers.IssuedKey;
import io.lyftdata.api.lockdown.Lockdown;
import io.lyftdata.api.posture.Report;
import io.lyftdata.api.posture.Report.Check;
import io.lyftdata.api.posture.Report.Finding;
import io.lyftdata.client.ApiClient;
import io.lyftdata.client.Json;
import io.lyftdata.config.Secret;
import io.lyftdata.crypto.CertifiedKey;
import io.lyftdata.crypto.Identity;
import io.lyftdata.crypto.KeyString;
import io.lyftdata.crypto.SecretFile;
import io.lyftdata.testing.AgeKeys;
import io.lyftdata.testing.Engine;
import io.lyftdata.testing.FakeHost;
import io.lyftdata.testing.MovableClock;
import io.lyftdata.testing.RawClient;
import io.lyftdata.testing.TestCertificates;
import io.lyftdata.testing.TestCertificates.Wish;
import io.lyftdata.testing.TestServer;
import io.lyftdata.testing.TestWorker;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A careless deployment, in which every check finds what was planted, is mended by what each finding says to do. */
class PostureDeploymentTest {
    private static final String FIXED = "admin-bind-address: 127.0.0.1:0\n";
    private static final String WEAK = "lyftdatalyftdatalyftdatalyftdata";
    private static final String NEW_PASSWORD = "quiet gravel mends under violet 88";
    private static final Pattern PRINTED = Pattern.compile("(LoadCredential|Environment)=[^ ,]+");
    private static final String VARIABLE = "LYFTDATA_AUTO_ENROLLMENT_KEY";

    @TempDir
    Path directory;

    private final MovableClock clock = new MovableClock();
    private final AgeKeys age = AgeKeys.generate();
    private final Map<String, List<String>> planted = new TreeMap<>();
    /** Of the database: JDBC. */
    private String url;

    private CommandLineRun cli;
    private FakeHost host;
    private TestServer server;
    private TestWorker worker;
    private TestWorker copied;
    private Path config;

    @BeforeEach
    void start() throws IOException {
        clock.set(Instant.now().truncatedTo(ChronoUnit.MILLIS));
        host = new FakeHost(directory.resolve("host"));
        cli = new CommandLineRun(directory.resolve("home"));
        config = directory.resolve("c.yml");
        url = "jdbc:sqlite:" + directory.resolve("staging/control.db");
    }

    @AfterEach
    void stop() throws IOException {
        server.close();
    }

    private String fixed() {
        return FIXED + (url.startsWith("jdbc:sqlite:") ? "" : "database-url: " + url + "\n");
    }

    private void startWith(String settings) throws IOException {
        startWith(settings, Map.of(), Map.of());
    }

    private void startWith(String settings, Map<String, String> flags, Map<String, String> variables)
            throws IOException {
        if (server != null) {
            server.close();
        }
        Files.writeString(config, fixed() + settings);
        server = TestServer.startOn(config, directory.resolve("staging"), flags, variables, clock, host.host());
        cli.environment.put("LYFTDATA_URL", server.url().toString());
        cli.environment.put("LYFTDATA_TLS_PIN", server.pin());
    }

    private Report look() {
        cli.environment.computeIfAbsent("LYFTDATA_API_TOKEN", any -> server.token("admin"));
        int exitCode = cli.run("posture", "--output", "json");
        try {
            Report report = Json.MAPPER.readValue(cli.out, Report.class);
            assertThat(exitCode).isEqualTo(report.findings().all() == 0 ? 0 : 3);
            return report;
        } catch (IOException e) {
            throw new AssertionError(cli.err, e);
        }
    }

    private static Map<String, List<String>> found(Report report) {
        Map<String, List<String>> found = new TreeMap<>();
        report.checks().stream()
                .filter(check -> check.state() != Report.State.CLEAR)
                .forEach(check -> found.put(
                        check.id(),
                        check.findings().stream().map(Finding::subject).sorted().toList()));
        return found;
    }

    private static Finding finding(Report report, String id) {
        return report.checks().stream()
                .filter(check -> check.id().equals(id))
                .findFirst()
                .orElseThrow()
                .findings()
                .get(0);
    }

    private void plant(String check, String... subjects) {
        planted.put(check, Stream.of(subjects).sorted().toList());
    }

    private void sql(String statement) throws SQLException {
        try (Connection connection = DriverManager.getConnection(url);
                var sql = connection.createStatement()) {
            sql.setQueryTimeout(20);
            sql.execute(statement);
        }
    }

    /** A certificate with a weak key and a long life, of which eight days are left in the end. */
    private void weakCertificate() throws IOException {
        Instant now = clock.instant();
        Wish leaf = Wish.leaf("RSA-2048", now).living(now.minus(Duration.ofDays(700)), Duration.ofDays(790));
        certificate(leaf);
    }

    private void certificate(Wish leaf) throws IOException {
        CertifiedKey authority = Wish.authority("test", "P-256", Instant.now().minus(Duration.ofHours(1)))
                .selfSigned();
        CertifiedKey served = leaf.by(authority);
        TestCertificates.write(directory.resolve("server.crt"), served.certificatePem() + authority.certificatePem());
        TestCertificates.write(directory.resolve("server.key"), served.keyPem());
    }

    private String backups() {
        return "backup: {recipients: [" + age.recipient() + "], directory: " + directory.resolve("backups")
                + ", copies: [" + directory.resolve("copies") + "]}\n";
    }

    private String given() {
        return "tls-cert: " + directory.resolve("server.crt") + "\ntls-key: " + directory.resolve("server.key") + "\n";
    }

    private void plantHost() throws IOException {
        host.account(0);
        host.openFiles("64");
        host.mount("8:1", "/", "ext4", "/dev/sda1");
        Path copies = Files.createDirectory(directory.resolve("copies"));
        Files.setPosixFilePermissions(copies, PosixFilePermissions.fromString("rwxr-xr-x"));
        host.mountToo("8:2", copies.toString(), "ext4", "/dev/sdb2");
        host.put("/sys/dev/block/8:2/partition", "2\n");
        Path file = host.environmentFile("rw-r--r--", VARIABLE + "=secret\n");
        Path unit =
                host.unit("[Service]\nEnvironment=" + VARIABLE + "=secret\nEnvironmentFile=/etc/lyftdata/server.env\n");
        plant("root-account", "server");
        plant("open-files", "server");
        plant("disk-encryption", directory.resolve("staging").toString(), copies.toString());
        plant("unit-environment", unit + " " + VARIABLE, file.toString());
    }

    private void plantSettings() throws IOException {
        weakCertificate();
        startWith(
                given()
                        + backups()
                        + "bind-address: 0.0.0.0:0\nwhitelist: [192.0.2.0/24, 127.0.0.7]\ntrusted-proxies: [127.0.0.9]\n"
                        + "built-in-worker: true\ndisk-usage-max-percentage: 1\n"
                        + "posture: {waivers: [{check: no-such-check, reason: a slip, until: 2999-12-31}]}\n",
                Map.of("auto-enrollment-key", WEAK),
                Map.of());
        plant("bind-address", "0.0.0.0:0");
        plant("allowlist-width", "192.0.2.0/24", "127.0.0.7");
        plant("allowlist-unused", "192.0.2.0/24", "127.0.0.7");
        plant("built-in-worker", "built-in-worker");
        plant("disk-use", directory.resolve("staging").toString());
        plant("secret-arguments", "auto-enrollment-key");
        plant("weak-secrets", "auto-enrollment-key");
        plant("waivers", "no-such-check");
        plant("admin-password", "admin");
        plant("backup-proven", "newest backup", "newest proof");
        plant("tls-expiry", "CN=server");
        plant("tls-strength", "CN=server");
    }

    /** What is done in the first days, and forgotten. */
    private void plantWhatAges() {
        String secret = TestWorker.secret(server);
        ApiClient admin = server.admin();
        String secretId = admin.get("/api/workers/auto-enrollment", Map.of(), AutoEnrollment.View.class)
                .secretId();
        String year = admin.post(
                        "/api/tokens", new IssueToken("ci", "admin", 365 * 86_400L, List.of()), IssuedToken.class)
                .id();
        String old = admin.post(
                        "/api/tokens", new IssueToken("old", "viewer", 365 * 86_400L, List.of()), IssuedToken.class)
                .id();
        clock.advance(Duration.ofDays(55));
        beat(enroll(secret, "w-old", "a"), "pinned", Duration.ZERO);
        clock.advance(Duration.ofDays(25));
        worker = enroll(secret, "w1", "a");
        copied = enroll(secret, "w-copied", "a");
        beat(copied, "pinned", Duration.ZERO);
        IssuedKey bootstrap = server.admin().post("/api/workers", new Add("w2", Map.of()), IssuedKey.class);
        clock.advance(Duration.ofDays(2));
        plant("enrollment-open", secretId);
        plant("token-expiry", year);
        plant("token-unused", year, old);
        plant("key-unused", bootstrap.keyId());
        plant("key-age", "w-old");
    }

    /** By the server's clock. */
    private TestWorker enroll(String secret, String name, String instance) {
        Identity identity = Identity.generate();
        KeyString key = KeyString.generate(KeyString.Kind.WORKER);
        Enroll.Request wish = new Enroll.Request(
                name,
                Map.of(),
                key.id(),
                key.hash(),
                identity.publicKey(),
                clock.instant().toEpochMilli(),
                null);
        server.client()
                .authorized("Enrollment", new Secret(secret))
                .post(Enroll.PATH, wish.signed(identity.sign(wish.signedBytes())), Enroll.Answer.class);
        return as(new TestWorker(name, identity, key, null), instance);
    }

    /** The same worker as another process. */
    private TestWorker as(TestWorker some, String instance) {
        ApiClient api = server.client()
                .authorized("Bearer", new Secret(some.key().reveal()))
                .with(Heartbeat.INSTANCE_HEADER, instance.repeat(32));
        return new TestWorker(some.id(), some.identity(), some.key(), api);
    }

    private void beat(TestWorker some, String tlsMode, Duration skew) {
        some.api()
                .post(
                        Heartbeat.PATH,
                        new Heartbeat.Request(
                                "1.0", 1, Map.of(), tlsMode, clock.instant().plus(skew), null, null),
                        Heartbeat.Answer.class);
    }

    private void plantTheRest() throws IOException, SQLException {
        beat(worker, "insecure", Duration.ofMinutes(10));
        TestWorker copy = as(copied, "b");
        for (int i = 0; i < 2; i++) {
            beat(copy, "pinned", Duration.ZERO);
            beat(copied, "pinned", Duration.ZERO);
        }
        plant("key-shared", "w-copied");
        plant("worker-tls", "w1");
        plant("worker-clock", "w1");
        Path key = server.staging().resolve("signing.key");
        Files.setPosixFilePermissions(key, PosixFilePermissions.fromString("rw-r--r--"));
        plant("file-modes", key.toString(), directory.resolve("copies").toString());
        sql("INSERT INTO audit_alarm (segment, position, hash, worker_id) VALUES ('ab', 99999, '', 'w1')");
        sql("UPDATE audit SET actor = 'nobody' WHERE position = 3");
        plant("audit-log", "position 3", "rolled back");
        server.admin().post(Lockdown.PATH, new Lockdown.Wish(true, null), Lockdown.View.class);
        plant("lockdown", "server");
    }

    @ParameterizedTest
    @EnumSource
    void everyFaultIsFoundNothingElseIsAndEachRemedyMendsItsOwn(Engine engine) throws Exception {
        url = engine == Engine.POSTGRESQL ? Engine.newPostgresqlUrl() : url;
        plantHost();
        plantSettings();
        plantWhatAges();
        plantTheRest();
        Report report = look();
        assertThat(found(report)).isEqualTo(planted);
        TreeSet<String> missing = report.checks().stream().map(Check::id).collect(toCollection(TreeSet::new));
        missing.removeAll(planted.keySet());
        assertThat(missing).as("checks for which no fault is planted here").containsExactly("tls-source");

        runTheCommands(report);
        mendTheWorkers(report);
        mendTheHost(report);
        sql("UPDATE audit SET actor = 'server' WHERE position = 3");
        mendTheBackups();
        List<String> ofSettings = List.of(
                "allowlist-unused",
                "allowlist-width",
                "bind-address",
                "built-in-worker",
                "disk-use",
                "secret-arguments",
                "tls-expiry",
                "tls-strength",
                "waivers",
                "weak-secrets");
        assertThat(found(look()).keySet()).containsExactlyInAnyOrderElementsOf(ofSettings);
        mendTheSettings();
    }

    /** All that a finding says to run, as printed. */
    private void runTheCommands(Report report) throws Exception {
        List<String> run = new ArrayList<>();
        for (Check check : report.checks()) {
            for (Finding finding : check.findings()) {
                String command = finding.remedy().split("[,;(]", 2)[0].strip();
                if (command.startsWith("lyftdata ")) {
                    cli.input = NEW_PASSWORD + "\n";
                    String[] words = command.substring("lyftdata ".length()).split(" ", -1);
                    int due = command.equals("lyftdata audit verify") ? 3 : 0;
                    assertThat(cli.run(words)).as(command + ": " + cli.err).isEqualTo(due);
                    run.add(check.id());
                } else if (command.startsWith("chmod ")) {
                    assertThat(new ProcessBuilder(command.split(" ", -1))
                                    .start()
                                    .waitFor())
                            .as(command)
                            .isZero();
                    run.add(check.id());
                }
            }
        }
        assertThat(run)
                .contains(
                        "admin-password",
                        "enrollment-open",
                        "token-expiry",
                        "token-unused",
                        "key-unused",
                        "key-age",
                        "key-shared",
                        "audit-log",
                        "backup-proven",
                        "file-modes",
                        "unit-environment");
        assertThat(found(look()).keySet())
                .as("%s", run)
                .doesNotContain("admin-password", "enrollment-open", "token-expiry", "token-unused", "key-unused")
                .doesNotContain("file-modes", "key-age", "key-shared");
        assertThat(found(look()).get("audit-log")).containsExactly("position 3");
        assertThat(found(look()).get("backup-proven")).containsExactly("newest proof");
    }

    private void mendTheBackups() throws IOException {
        proveTheNewest();
        assertThat(found(look())).doesNotContainKey("backup-proven");
        SecretFile.deleteTree(directory.resolve("backups"));
        assertThat(found(look())).as("a copy of it is left").doesNotContainKey("backup-proven");
        SecretFile.deleteTree(directory.resolve("copies"));
        assertThat(found(look()).get("backup-proven")).containsExactly("newest backup", "newest proof");
        Files.createDirectory(
                directory.resolve("copies"),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        proveTheNewest();
    }

    private void proveTheNewest() throws IOException {
        clock.advance(Duration.ofMinutes(1));
        assertThat(cli.run("backup", "create")).as(cli.err).isZero();
        String remedy = finding(look(), "backup-proven").remedy();
        Path identity = directory.resolve("identity");
        SecretFile.write(identity, age.identity());
        String command = remedy.split(",", 2)[0].replace("KEY", identity.toString());
        assertThat(cli.run(command.substring("lyftdata ".length()).split(" ", -1)))
                .as(command + ": " + cli.out + cli.err)
                .isZero();
    }

    private void mendTheHost(Report report) throws IOException {
        String remedy = finding(report, "unit-environment").remedy();
        host.account(998);
        host.openFiles(finding(look(), "open-files").remedy().replaceAll("LimitNOFILE=(\\d+).*", "$1"));
        host.mount("253:7", "/", "ext4", "/dev/mapper/lyftdata");
        List<String> lines =
                PRINTED.matcher(remedy).results().map(MatchResult::group).toList();
        assertThat(lines).as(remedy).hasSize(2);
        host.unit("[Service]\nUser=lyftdata-server\nEnvironmentFile=/etc/lyftdata/server.env\n"
                + String.join("\n", lines) + "\n");
    }

    private void mendTheWorkers(Report report) {
        assertThat(finding(report, "key-shared").remedy()).contains("lyftdata workers reset w-copied ");
        assertThat(cli.run("workers", "reset", "w-copied")).as(cli.err).isZero();
        assertThat(finding(look(), "worker-tls").remedy())
                .contains("--tls-pin " + server.pin() + " in place", "set tls-san");
        beat(worker, "pinned", Duration.ZERO);
    }

    private void mendTheSettings() throws IOException {
        // Clients know no other time than the machine's.
        Instant real = Instant.now().minus(Duration.ofHours(1));
        certificate(Wish.leaf("P-256", real).living(real, Duration.ofDays(300)));
        assertThat(cli.run("certificate", "rotate")).as(cli.err).isZero();
        cli.environment.put("LYFTDATA_TLS_CA", directory.resolve("server.crt").toString());
        cli.environment.remove("LYFTDATA_TLS_PIN");
        Files.writeString(
                config,
                fixed() + given() + backups()
                        + "bind-address: 0.0.0.0:0\ntrusted-proxies: [127.0.0.9]\nbuilt-in-worker: true\n");
        RawClient.Answer answer = RawClient.plain(server.adminUrl())
                .call(
                        "127.0.0.1",
                        "POST",
                        "/tasks/reload-configuration",
                        "",
                        "Authorization: Bearer " + server.adminToken());
        assertThat(answer.status()).as(answer.body()).isEqualTo(200);
        cli.run("posture", "--output", "json");
        Report report = Json.MAPPER.readValue(cli.out, Report.class);
        assertThat(found(report).keySet())
                .containsExactlyInAnyOrder("bind-address", "built-in-worker", "secret-arguments", "weak-secrets");

        cli.environment.remove("LYFTDATA_TLS_CA");
        mendWhatNeedsARestart(report);
        assertThat(cli.run("posture")).as(cli.out).isZero();
        assertThat(cli.out).endsWith(" checks: nothing found\n");
    }

    private void mendWhatNeedsARestart(Report report) throws IOException {
        String file = VARIABLE + "_FILE";
        assertThat(finding(report, "secret-arguments").remedy()).contains("set " + file);
        SecretFile.write(
                directory.resolve("enrollment.key"),
                KeyString.generate(KeyString.Kind.ENROLLMENT).reveal());
        String settings = given() + backups() + setting(report, "bind-address") + setting(report, "built-in-worker");
        startWith(
                settings,
                Map.of(),
                Map.of(file, directory.resolve("enrollment.key").toString()));
        assertThat(cli.run("posture")).as(cli.out).isZero();
        assertThat(finding(report, "weak-secrets").remedy()).contains("lyftdata enrollment disable");
        startWith(settings);
        assertThat(cli.run("enrollment", "disable")).as(cli.err).isZero();
    }

    /** As a finding prints it. */
    private static String setting(Report report, String id) {
        return finding(report, id).remedy().split(" \\(|, ", 2)[0] + "\n";
    }

    @Test
    void aCertificateThatOnlyTheServerVouchesForIsFoundWhereOthersComeIn() throws IOException {
        startWith("bind-address: 0.0.0.0:0\n");
        assertThat(found(look())).containsEntry("tls-source", List.of("tls-cert"));
        startWith("bind-address: 127.0.0.1:0\n");
        assertThat(found(look())).doesNotContainKey("tls-source");
        startWith("bind-address: 127.0.0.1:0\ndisable-tls: true\n");
        cli.environment.remove("LYFTDATA_TLS_PIN");
        assertThat(found(look())).containsEntry("tls-source", List.of("disable-tls"));
        String[] settings = finding(look(), "tls-source").remedy().split(", or | for ", -1);
        startWith("bind-address: 127.0.0.1:0\n" + settings[0] + "\n");
        assertThat(found(look())).as(settings[0]).doesNotContainKey("tls-source");
        startWith("bind-address: 127.0.0.1:0\ndisable-tls: true\n" + settings[1] + "\n");
        RawClient.Answer answer = RawClient.plain(server.url())
                .call(
                        "127.0.0.1",
                        "GET",
                        Report.PATH,
                        "",
                        "Authorization: Bearer " + cli.environment.get("LYFTDATA_API_TOKEN"),
                        "X-Forwarded-Proto: https");
        assertThat(found(Json.MAPPER.readValue(answer.body(), Report.class)))
                .as(settings[1])
                .doesNotContainKey("tls-source");
    }
}
