package io.lyftdata.client;

import io.lyftdata.api.Code;
import io.lyftdata.api.Health;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.UnknownHostException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import javax.net.ssl.SSLSession;
import javax.net.ssl.SSLSocket;

/**
 * Looks at a server as a client with these settings would, step by step, and goes on behind a fault as far as it can. It
 * sends no secret.
 */
public final class Probe {
    private static final int PATIENCE_MILLIS = 10_000;

    private final Endpoint endpoint;
    private final Instant now;
    private final List<Finding> findings = new ArrayList<>();

    private Probe(Endpoint endpoint, Instant now) {
        this.endpoint = endpoint;
        this.now = now;
    }

    /**
     * What one step found.
     *
     * @param check which one
     * @param good whether a client may go on
     * @param detail what was found, and what to do when it is not good
     */
    public record Finding(String check, boolean good, String detail) {}

    /** All that could be found, in the order of a call. */
    public static List<Finding> of(Endpoint endpoint, Instant now) {
        Probe probe = new Probe(endpoint, now);
        probe.scheme();
        if (probe.resolves() && probe.connects() && (!endpoint.isTls() || probe.tls())) {
            probe.api();
        }
        return List.copyOf(probe.findings);
    }

    private boolean found(String check, boolean good, String detail) {
        findings.add(new Finding(check, good, detail));
        return good;
    }

    private void scheme() {
        found(
                "scheme",
                endpoint.isTls(),
                endpoint.isTls()
                        ? "https"
                        : "the URL says http://: keys would cross the network in the clear; use the https:// address");
    }

    private boolean resolves() {
        String host = endpoint.url().getHost();
        try {
            String all = Arrays.stream(InetAddress.getAllByName(plain(host)))
                    .map(InetAddress::getHostAddress)
                    .collect(Collectors.joining(", "));
            return found("resolves", true, host + " is " + all);
        } catch (UnknownHostException e) {
            return found(
                    "resolves",
                    false,
                    "the host name " + host + " is unknown: check the URL and this host's name service");
        }
    }

    private static String plain(String host) {
        return host.replaceAll("[\\[\\]]", "");
    }

    private int port() {
        int given = endpoint.url().getPort();
        return given >= 0 ? given : endpoint.isTls() ? 443 : 80;
    }

    private Socket open() throws IOException {
        Socket socket = new Socket();
        try {
            socket.connect(new InetSocketAddress(plain(endpoint.url().getHost()), port()), PATIENCE_MILLIS);
            socket.setSoTimeout(PATIENCE_MILLIS);
            return socket;
        } catch (IOException e) {
            socket.close();
            throw e;
        }
    }

    private boolean connects() {
        try (Socket socket = open()) {
            return found(
                    "connects",
                    true,
                    "from " + socket.getLocalAddress().getHostAddress() + " to "
                            + socket.getInetAddress().getHostAddress() + ", port " + port());
        } catch (IOException e) {
            return found("connects", false, new Trouble(endpoint).of(e).getMessage());
        }
    }

    private boolean tls() {
        try (Socket plain = open();
                SSLSocket socket = (SSLSocket) Tls.context(Trust.ofEveryone())
                        .getSocketFactory()
                        .createSocket(plain, plain(endpoint.url().getHost()), port(), true)) {
            socket.setEnabledProtocols(Tls.parameters().getProtocols());
            socket.startHandshake();
            SSLSession session = socket.getSession();
            found(
                    "protocol",
                    isStrong(session.getCipherSuite()),
                    session.getProtocol() + " with " + session.getCipherSuite());
            X509Certificate[] chain = Arrays.stream(session.getPeerCertificates())
                    .map(X509Certificate.class::cast)
                    .toArray(X509Certificate[]::new);
            findings.addAll(new ChainProbe(endpoint, List.of(chain), now).findings());
            trusts();
            return true;
        } catch (IOException e) {
            return found("protocol", false, new Trouble(endpoint).of(e).getMessage());
        }
    }

    /** Forward secrecy, and AEAD. */
    private static boolean isStrong(String suite) {
        boolean forward = suite.startsWith("TLS_AES") || suite.startsWith("TLS_CHACHA20") || suite.contains("ECDHE");
        return forward && (suite.contains("GCM") || suite.contains("POLY1305"));
    }

    /** The verdict of a client with these settings, in its own words. */
    private void trusts() {
        try {
            new ApiClient(endpoint).send("GET", "/api/health", Map.of(), Map.of(), new byte[0]);
            found("trust", true, trust());
        } catch (ApiFailure failure) {
            boolean isTrusted = failure.isAnswered();
            found("trust", isTrusted, isTrusted ? trust() : failure.getMessage());
        }
    }

    private String trust() {
        return switch (endpoint.tlsMode()) {
            case "pinned" -> "the pinned CA vouches for it";
            case "insecure" -> "--tls-insecure: nothing was asked";
            default ->
                endpoint.trust().caFile().isPresent()
                        ? "a CA of the file vouches for it"
                        : "a CA of the Java platform vouches for it";
        };
    }

    private void api() {
        ApiClient anybody = new ApiClient(endpoint.isTls() ? endpoint.trusting(Trust.ofEveryone()) : endpoint);
        hsts(anybody);
        ours(anybody);
        proxied(anybody);
    }

    private void hsts(ApiClient api) {
        try {
            Optional<String> header = api.send("GET", "/api/health", Map.of(), Map.of(), new byte[0])
                    .headers()
                    .firstValue("Strict-Transport-Security");
            found(
                    "hsts",
                    header.filter(value -> value.matches("max-age=[1-9]\\d{6,}.*"))
                            .isPresent(),
                    header.map(value -> value.replaceAll("\\p{Cntrl}", "?"))
                            .orElse("the answer has no Strict-Transport-Security: see that no proxy drops it"));
        } catch (ApiFailure failure) {
            found("hsts", false, failure.getMessage());
        }
    }

    private void ours(ApiClient api) {
        try {
            String status = api.get("/api/health", Map.of(), Health.class).status();
            found("api", "ready".equals(status), "LyftData, " + ("ready".equals(status) ? "ready" : "not ready"));
        } catch (ApiFailure failure) {
            found("api", false, failure.getMessage());
        }
    }

    /** What is no credential brings the same refusals on the way as one would. */
    private void proxied(ApiClient api) {
        try {
            api.with("Authorization", "none").get("/api/workers", Map.of(), Map.class);
            found("credentials", false, "what is no credential was taken: this is no LyftData server");
        } catch (ApiFailure failure) {
            boolean judged = failure.is(Code.CREDENTIALS_MALFORMED);
            found(
                    "credentials",
                    judged,
                    judged ? "the server judges them, and sees the call as https" : failure.getMessage());
        }
    }
}
