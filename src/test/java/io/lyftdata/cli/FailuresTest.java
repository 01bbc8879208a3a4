package io.lyftdata.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class FailuresTest {
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

    private static String problem(int status, String code, String detail) {
        return "{\"type\":\"about:blank\",\"title\":\"x\",\"status\":" + status + ",\"detail\":\"" + detail
                + "\",\"code\":\"" + code + "\",\"requestId\":\"r1\"}";
    }

    @Test
    void withoutCredentialsSaysHowToGetSome() {
        cli.environment.remove("LYFTDATA_API_TOKEN");
        assertThat(cli.run("users", "list")).isEqualTo(1);
        assertThat(cli.err).isEqualTo("lyftdata: not logged in: run lyftdata login USER, or set LYFTDATA_API_TOKEN\n");
        assertThat(server.asked()).isEmpty();
    }

    @Test
    void saysThatNoServerListens() {
        server.close();
        assertThat(cli.run("users", "list")).isEqualTo(1);
        assertThat(cli.err).isEqualTo("lyftdata: no server listens at " + server.url() + "; is it running?\n");
    }

    @Test
    void repeatsTheServersSentenceWithCodeAndRequest() {
        server.on("GET /api/users?limit=1000", 403, problem(403, "role_missing", "this needs the role admin"));
        assertThat(cli.run("users", "list")).isEqualTo(1);
        assertThat(cli.err).isEqualTo("lyftdata: this needs the role admin (role_missing, request r1)\n");
    }

    @Test
    void saysHowToComeByANewCredential() {
        server.on("GET /api/users?limit=1000", 401, problem(401, "key_revoked", "this token is revoked"));
        assertThat(cli.run("users", "list")).isEqualTo(1);
        assertThat(cli.err)
                .isEqualTo("lyftdata: this token is revoked: run lyftdata login USER, or set LYFTDATA_API_TOKEN"
                        + " (key_revoked, request r1)\n");
    }

    @Test
    void aRefusedLoginDoesNotAdviseToLogIn() {
        server.on("POST /api/login", 401, problem(401, "login_refused", "wrong name or password"));
        cli.input = "not the password\n";
        assertThat(cli.run("login", "ada")).isEqualTo(1);
        assertThat(cli.err).isEqualTo("lyftdata: wrong name or password (login_refused, request r1)\n");
        assertThat(cli.sessionFile).doesNotExist();
    }

    @Test
    void anUnusableSettingIsWrongUsage() {
        assertThat(cli.run("users", "list", "--tls-pin", "sha256:12")).isEqualTo(2);
        assertThat(cli.err).startsWith("lyftdata: --tls-pin").hasLineCount(1);
        cli.environment.put("LYFTDATA_TLS_INSECURE", "maybe");
        assertThat(cli.run("users", "list")).isEqualTo(2);
        assertThat(cli.err).isEqualTo("lyftdata: LYFTDATA_TLS_INSECURE must be true or false\n");
    }

    @Test
    void theUnexpectedIsOneLineUnlessAskedFor() {
        server.on("GET /api/users?limit=1000", 200, "{}");
        assertThat(cli.run("users", "list")).isEqualTo(1);
        assertThat(cli.err).startsWith("lyftdata: unexpected failure (").hasLineCount(1);
        cli.environment.put("LYFTDATA_DEBUG", "1");
        assertThat(cli.run("users", "list")).isEqualTo(1);
        assertThat(cli.err).contains("\tat io.lyftdata.cli");
    }

    @Test
    void insecureTlsIsNeverSilent() {
        cli.environment.put("LYFTDATA_TLS_INSECURE", "true");
        cli.environment.put("LYFTDATA_URL", "https://127.0.0.1:1");
        assertThat(cli.run("users", "list")).isEqualTo(1);
        assertThat(cli.err).startsWith("lyftdata: warning: --tls-insecure").hasLineCount(2);
    }
}
