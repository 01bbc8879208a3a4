package io.lyftdata.testing;

import io.lyftdata.config.HostPort;
import io.lyftdata.crypto.CertifiedKey;
import io.lyftdata.crypto.Issuer;
import java.io.Closeable;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;

/** A syslog server over TLS on a free loopback port, which behaves as a test wants. */
public final class Collector implements Closeable {
    /** What it does with a connection. */
    public enum Mood {
        /** Reads to the end and closes. */
        WELL,
        /** Accepts, and then does nothing more. */
        SILENT,
        /** Ends the handshake, and then reads nothing. */
        DEAF,
        /** Reads one message and breaks the connection. */
        ABRUPT
    }

    private final ServerSocket server;
    private final SSLContext tls;
    private final List<String> protocols;
    private final List<String> messages = new CopyOnWriteArrayList<>();
    private final List<Socket> open = new CopyOnWriteArrayList<>();
    private volatile Mood mood = Mood.WELL;

    private Collector(ServerSocket server, SSLContext tls, List<String> protocols) {
        this.server = server;
        this.tls = tls;
        this.protocols = protocols;
    }

    /** Its authority's certificate is in {@code ca.crt} of the directory from then on. */
    public static Collector start(Path directory, String... protocols) throws IOException {
        Instant now = Instant.now();
        CertifiedKey authority = Issuer.authority("collectors", now, Duration.ofDays(1));
        CertifiedKey leaf = Issuer.server(authority, List.of("localhost", "127.0.0.1"), now, Duration.ofDays(1));
        Files.writeString(directory.resolve("ca.crt"), authority.certificatePem());
        ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        Collector collector = new Collector(server, context(leaf, authority), List.of(protocols));
        Thread thread = new Thread(collector::accept, "collector");
        thread.setDaemon(true);
        thread.start();
        return collector;
    }

    private static SSLContext context(CertifiedKey leaf, CertifiedKey authority) {
        try {
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(null, null);
            store.setKeyEntry(
                    "leaf", leaf.key(), new char[0], new X509Certificate[] {leaf.certificate(), authority.certificate()
                    });
            KeyManagerFactory keys = KeyManagerFactory.getInstance("PKIX");
            keys.init(store, new char[0]);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(keys.getKeyManagers(), null, null);
            return context;
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalStateException(e);
        }
    }

    public HostPort address() {
        return new HostPort("localhost", server.getLocalPort());
    }

    public void setMood(Mood now) {
        mood = now;
    }

    /** What arrived whole, in its order, without the lengths. */
    public List<String> messages() {
        return messages;
    }

    /** The lines of the export in them. */
    public List<String> lines() {
        return messages.stream()
                .map(message -> message.substring(message.indexOf("] ") + 2).replace("\ufeff", ""))
                .toList();
    }

    private void accept() {
        try {
            while (!server.isClosed()) {
                Socket socket = server.accept();
                open.add(socket);
                if (mood != Mood.SILENT) {
                    Thread thread = new Thread(() -> serve(socket), "collector-connection");
                    thread.setDaemon(true);
                    thread.start();
                }
            }
        } catch (IOException e) {
            // Closed.
        }
    }

    private void serve(Socket plain) {
        Mood now = mood;
        try {
            SSLSocket socket = (SSLSocket) tls.getSocketFactory().createSocket(plain, null, true);
            socket.setUseClientMode(false);
            if (!protocols.isEmpty()) {
                socket.setEnabledProtocols(protocols.toArray(String[]::new));
            }
            socket.startHandshake();
            if (now == Mood.DEAF) {
                return;
            }
            DataInputStream in = new DataInputStream(socket.getInputStream());
            while (read(in)) {
                if (now == Mood.ABRUPT) {
                    plain.setSoLinger(true, 0);
                    plain.close();
                    return;
                }
            }
            socket.close();
        } catch (IOException e) {
            // The test sees what did not arrive.
        }
    }

    private boolean read(DataInputStream in) throws IOException {
        int length = 0;
        for (int next = in.read(); next != ' '; next = in.read()) {
            if (next < 0) {
                return false;
            }
            if (next < '0' || next > '9') {
                throw new EOFException("no length");
            }
            length = length * 10 + next - '0';
        }
        byte[] message = new byte[length];
        in.readFully(message);
        messages.add(new String(message, StandardCharsets.UTF_8));
        return true;
    }

    @Override
    public void close() {
        try {
            server.close();
            for (Socket socket : open) {
                socket.close();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
