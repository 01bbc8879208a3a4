package io.lyftdata.terminal;

import io.lyftdata.client.ApiClient;
import io.lyftdata.client.Endpoint;
import io.lyftdata.client.Trust;
import io.lyftdata.config.Secret;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/** Which server, how it proves itself, and who calls: a flag beats a variable beats the session beats the default. */
public final class Connection {
    private static final String DEFAULT_URL = "https://localhost:3000";

    private final Terminal terminal;

    @Option(
            names = "--url",
            scope = ScopeType.INHERIT,
            paramLabel = "URL",
            description = "the server (LYFTDATA_URL; default: the session's, without one " + DEFAULT_URL + ")")
    private String url;

    @Option(
            names = "--tls-ca",
            scope = ScopeType.INHERIT,
            paramLabel = "FILE",
            description = "PEM file of the CA to trust (LYFTDATA_TLS_CA; default: the JVM's trust store)")
    private Path caFile;

    @Option(
            names = "--tls-pin",
            scope = ScopeType.INHERIT,
            paramLabel = "PIN",
            description = "sha256:HEX of the CA's public key, several comma-separated (LYFTDATA_TLS_PIN)")
    private String pins;

    @Option(
            names = "--tls-insecure",
            scope = ScopeType.INHERIT,
            description = "trust any server; for evaluation only (LYFTDATA_TLS_INSECURE)")
    private boolean insecure;

    public Connection(Terminal terminal) {
        this.terminal = terminal;
    }

    /** As the settings say, with no session. */
    public Endpoint endpoint() {
        return endpoint(Optional.empty());
    }

    /** To that server, judged as the settings, or the session with it, say. */
    public Endpoint endpoint(String address) {
        url = address;
        return endpoint(SessionFile.of(terminal.variables()).read());
    }

    /** To the server with no credential. */
    public ApiClient anonymous() {
        return new ApiClient(endpoint(SessionFile.of(terminal.variables()).read()));
    }

    /** To the server as the person that is logged in, or whose API token is set. */
    public ApiClient authorized() {
        Optional<Session> session = SessionFile.of(terminal.variables()).read();
        Optional<Secret> token = terminal.variables().secret("LYFTDATA_API_TOKEN");
        Endpoint endpoint = endpoint(session);
        Secret credential = token.orElseGet(() -> ofSession(session, endpoint));
        return new ApiClient(endpoint).authorized("Bearer", credential);
    }

    /** To the session's own server, as its person. */
    public ApiClient of(Session session) {
        Endpoint endpoint = endpoint(Optional.of(session));
        Endpoint own = session.isFor(endpoint)
                ? endpoint
                : Endpoint.parse(session.url(), Optional.empty(), Optional.empty(), false)
                        .trusting(session.trust());
        return new ApiClient(own).authorized("Bearer", new Secret(session.token()));
    }

    private Secret ofSession(Optional<Session> session, Endpoint endpoint) {
        Session kept = session.filter(some -> some.isFor(endpoint))
                .orElseThrow(() -> new CommandFailure("not logged in"
                        + session.map(other -> " at " + endpoint.url() + " (but at " + other.url() + ")")
                                .orElse("")
                        + ": run lyftdata login USER, or set LYFTDATA_API_TOKEN"));
        if (!kept.expiresAt().isAfter(terminal.clock().instant())) {
            throw new CommandFailure(
                    "the session has expired: run lyftdata login " + kept.user() + ", or set LYFTDATA_API_TOKEN");
        }
        return new Secret(kept.token());
    }

    private Endpoint endpoint(Optional<Session> session) {
        Variables variables = terminal.variables();
        String address = Optional.ofNullable(url)
                .or(() -> variables.text("LYFTDATA_URL"))
                .or(() -> session.map(Session::url))
                .orElse(DEFAULT_URL);
        if (insecure || pins != null || caFile != null) {
            return judged(address, Optional.ofNullable(caFile), Optional.ofNullable(pins), insecure);
        }
        Endpoint endpoint = judged(
                address,
                variables.text("LYFTDATA_TLS_CA").map(Path::of),
                variables.text("LYFTDATA_TLS_PIN"),
                variables.isTrue("LYFTDATA_TLS_INSECURE"));
        boolean open = endpoint.trust().equals(Trust.ofJvm());
        return session.filter(kept -> open && kept.isFor(endpoint))
                .map(Session::trust)
                .map(endpoint::trusting)
                .orElse(endpoint);
    }

    private Endpoint judged(String address, Optional<Path> ca, Optional<String> pin, boolean anyServer) {
        Endpoint endpoint = Endpoint.parse(address, ca, pin, anyServer);
        if (anyServer) {
            terminal.warn("--tls-insecure: the server's certificate is not checked, so whoever stands between can read"
                    + " and change everything; use --tls-pin or --tls-ca");
        }
        return endpoint;
    }
}
