package io.lyftdata.testing;

import java.io.ByteArrayOutputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** Speaks HTTP by the byte, over TLS that trusts one CA, from a source address of choice. */
public final class RawClient {
    private static final int PATIENCE_MILLIS = 60_000;

    private final URI url;
    private final SSLContext tls;
    private final Map<String, Queue<RawConnection>> connections = new ConcurrentHashMap<>();

    private RawClient(URI url, SSLContext tls) {
        this.url = url;
        this.tls = tls;
    }

    /** The client of a server without TLS. */
    public static RawClient plain(URI url) {
        return new RawClient(url, null);
    }

    /** The client of a test server. */
    public static RawClient of(TestServer server) {
        return new RawClient(server.url(), trusting(server.staging().resolve("tls/ca.crt")));
    }

    private static SSLContext trusting(Path caFile) {
        try (InputStream pem = Files.newInputStream(caFile)) {
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(null, null);
            store.setCertificateEntry(
                    "ca", CertificateFactory.getInstance("X.509").generateCertificate(pem));
            TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            trust.init(store);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, trust.getTrustManagers(), null);
            return context;
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalStateException(e);
        }
    }

    /** An open connection; the caller closes it. */
    public Socket connect(String source) throws IOException {
        return connect(source, new Socket());
    }

    private Socket connect(String source, Socket plain) throws IOException {
        plain.bind(new InetSocketAddress(source, 0));
        plain.connect(new InetSocketAddress(url.getHost(), url.getPort()));
        plain.setSoTimeout(PATIENCE_MILLIS);
        return tls == null ? plain : tls.getSocketFactory().createSocket(plain, url.getHost(), url.getPort(), true);
    }

    /**
     * Sends the bytes as they are and reads until the server closes; empty when it closed without an answer. A server
     * that refuses a request may close before it has read all of it: its answer comes back all the same.
     */
    public Optional<Answer> send(String source, byte[] request) throws IOException {
        try (Socket socket = connect(source, new DeafSocket())) {
            socket.getOutputStream().write(request);
            socket.getOutputStream().flush();
            return Answer.parse(readAll(socket.getInputStream()));
        }
    }

    private static byte[] readAll(InputStream in) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        byte[] buffer = new byte[8192];
        try {
            for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                all.write(buffer, 0, count);
            }
        } catch (SocketTimeoutException e) {
            throw new IllegalStateException("the server neither answered to the end nor closed", e);
        } catch (IOException e) {
            // A reset: what came before it counts.
        }
        return all.toByteArray();
    }

    /** One request over a connection that is kept for the next; headers as they are to be sent. */
    public Answer call(String source, String method, String path, String body, String... headers) throws IOException {
        return call(source, method, path, body.getBytes(StandardCharsets.UTF_8), headers);
    }

    public Answer call(String source, String method, String path, byte[] body, String... headers) throws IOException {
        StringBuilder request = new StringBuilder();
        request.append(method).append(' ').append(path).append(" HTTP/1.1\r\n");
        request.append("Host: ").append(url.getAuthority()).append("\r\n");
        for (String header : headers) {
            request.append(header).append("\r\n");
        }
        request.append("Content-Length: ").append(body.length).append("\r\n\r\n");
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        bytes.writeBytes(request.toString().getBytes(StandardCharsets.UTF_8));
        bytes.writeBytes(body);
        return call(source, !method.equals("HEAD"), bytes.toByteArray());
    }

    /** A kept connection may have been closed meanwhile; a new one must answer. */
    private Answer call(String source, boolean hasBody, byte[] request) throws IOException {
        Queue<RawConnection> kept = connections.computeIfAbsent(source, key -> new ConcurrentLinkedQueue<>());
        RawConnection used = kept.poll();
        Optional<Answer> answer = used == null ? Optional.empty() : exchange(used, kept, hasBody, request);
        return answer.isPresent()
                ? answer.get()
                : exchange(new RawConnection(connect(source, new DeafSocket())), kept, hasBody, request)
                        .orElseThrow();
    }

    private static Optional<Answer> exchange(
            RawConnection connection, Queue<RawConnection> kept, boolean hasBody, byte[] request) throws IOException {
        Optional<Answer> answer = connection.exchange(hasBody, request);
        if (connection.isKept()) {
            kept.add(connection);
        } else {
            connection.close();
        }
        return answer;
    }

    /** Drops what the peer no longer takes; an error would make TLS forget what the peer has sent. */
    private static final class DeafSocket extends Socket {
        @Override
        public OutputStream getOutputStream() throws IOException {
            return new FilterOutputStream(super.getOutputStream()) {
                @Override
                public void write(byte[] bytes, int offset, int length) {
                    try {
                        out.write(bytes, offset, length);
                    } catch (IOException e) {
                        // The peer has closed: reading will say so.
                    }
                }
            };
        }
    }

    /** What came back. */
    public record Answer(int status, String head, String body) {
        static Optional<Answer> parse(byte[] bytes) {
            String text = new String(bytes, StandardCharsets.UTF_8);
            if (!text.startsWith("HTTP/1.1 ")) {
                return Optional.empty();
            }
            int end = text.indexOf("\r\n\r\n");
            return Optional.of(new Answer(
                    Integer.parseInt(text.substring(9, 12)), text.substring(0, end), text.substring(end + 4)));
        }

        /** The first value of a header; empty when there is none. */
        public String header(String name) {
            String prefix = name.toLowerCase(Locale.ROOT) + ":";
            return head.lines()
                    .filter(line -> line.toLowerCase(Locale.ROOT).startsWith(prefix))
                    .map(line -> line.substring(prefix.length()).strip())
                    .findFirst()
                    .orElse("");
        }

        /** The problem's code; empty when the body is no problem document. */
        public String code() {
            int at = body.indexOf("\"code\":\"");
            return at < 0 ? "" : body.substring(at + 8, body.indexOf('"', at + 8));
        }
    }
}
