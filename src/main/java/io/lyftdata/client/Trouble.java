package io.lyftdata.client;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.UnknownHostException;
import java.net.http.HttpTimeoutException;
import java.nio.channels.UnresolvedAddressException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;

/** Says in a sentence why a call brought no answer. */
final class Trouble {
    private static final int PROBE_MILLIS = 2000;
    private static final String PLAIN_GREETING = "HEAD /api/health HTTP/1.0\r\n\r\n";

    private final Endpoint endpoint;

    Trouble(Endpoint endpoint) {
        this.endpoint = endpoint;
    }

    ApiFailure of(Throwable failure) {
        return new ApiFailure(sentence(failure));
    }

    private String sentence(Throwable failure) {
        URI url = endpoint.url();
        Optional<BadCertificate> certificate = find(failure, BadCertificate.class);
        if (certificate.isPresent()) {
            return url + ": " + certificate.get().getMessage();
        }
        if (has(failure, UnresolvedAddressException.class) || has(failure, UnknownHostException.class)) {
            return "the host name " + url.getHost() + " is unknown: check the URL and this host's name service";
        }
        if (has(failure, ConnectException.class) && !has(failure, HttpTimeoutException.class)) {
            return "no server listens at " + url + "; is it running?";
        }
        if (endpoint.isTls() && answers(this::speaksPlainHttp)) {
            return "the URL says https://, but the server at " + place() + " speaks plain HTTP: use http://" + place()
                    + " (the server runs with --disable-tls)";
        }
        if (!endpoint.isTls() && !answers(this::speaksPlainHttp) && answers(this::speaksTls)) {
            return "the URL says http://, but the server at " + place() + " speaks TLS: use https://" + place();
        }
        if (has(failure, HttpTimeoutException.class) || has(failure, TimeoutException.class)) {
            return "the server at " + url + " did not answer in time: check that it is up and that no firewall is"
                    + " between";
        }
        return has(failure, SSLException.class)
                ? "no TLS connection with " + url + " came about: is this a LyftData server that speaks TLS 1.2 or 1.3?"
                : "the connection with " + url + " was cut before the answer came: try again";
    }

    private String place() {
        return endpoint.url().getAuthority();
    }

    private interface Greeting {
        boolean isUnderstood(Socket socket) throws IOException;
    }

    /** Greets the server in this language or that; nothing of the call is sent. */
    private boolean answers(Greeting greeting) {
        URI url = endpoint.url();
        int port = url.getPort() >= 0 ? url.getPort() : endpoint.isTls() ? 443 : 80;
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(url.getHost(), port), PROBE_MILLIS);
            socket.setSoTimeout(PROBE_MILLIS);
            return greeting.isUnderstood(socket);
        } catch (IOException e) {
            return false;
        }
    }

    private boolean speaksPlainHttp(Socket socket) throws IOException {
        socket.getOutputStream().write(PLAIN_GREETING.getBytes(StandardCharsets.US_ASCII));
        byte[] start = socket.getInputStream().readNBytes(5);
        return new String(start, StandardCharsets.US_ASCII).equals("HTTP/");
    }

    private boolean speaksTls(Socket socket) throws IOException {
        SSLSocketFactory factory = Tls.context(Trust.ofEveryone()).getSocketFactory();
        try (SSLSocket tls =
                (SSLSocket) factory.createSocket(socket, endpoint.url().getHost(), socket.getPort(), true)) {
            tls.startHandshake();
            return true;
        }
    }

    private static boolean has(Throwable failure, Class<? extends Throwable> type) {
        return find(failure, type).isPresent();
    }

    private static <T extends Throwable> Optional<T> find(Throwable failure, Class<T> type) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (type.isInstance(cause)) {
                return Optional.of(type.cast(cause));
            }
        }
        return Optional.empty();
    }
}
