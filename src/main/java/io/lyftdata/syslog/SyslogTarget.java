package io.lyftdata.syslog;

import io.lyftdata.client.Tls;
import io.lyftdata.client.Trust;
import io.lyftdata.config.BadSetting;
import io.lyftdata.config.HostPort;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;

/**
 * A collector of syslog over TLS. The protocol has no receipt, so each delivery has a connection of its own: we say that
 * this was all, and the collector's closing says that it has read everything. Safe for use by many threads.
 */
public final class SyslogTarget {
    public static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final int CONNECT_MILLIS = 5_000;

    private final HostPort address;
    private final SSLContext tls;
    private final Duration patience;

    private SyslogTarget(HostPort address, SSLContext tls, Duration patience) {
        this.address = address;
        this.tls = tls;
        this.patience = patience;
    }

    /**
     * @param authorities PEM file of those that the collector's certificate must come from; empty: the JVM's trust store
     * @param patience how long a delivery may take in all
     * @throws io.lyftdata.config.BadSetting when the file cannot be used
     */
    public static SyslogTarget of(HostPort address, Optional<Path> authorities, Duration patience) {
        Trust trust = authorities.map(SyslogTarget::trust).orElseGet(Trust::ofJvm);
        return new SyslogTarget(address, Tls.context(trust), patience);
    }

    private static Trust trust(Path authorities) {
        try {
            String pem = Files.readString(authorities, StandardCharsets.US_ASCII);
            if (!Trust.pinsOf(pem).isEmpty()) {
                return Trust.ofBundle(pem, List.of());
            }
        } catch (IOException e) {
            throw new BadSetting(authorities + ", for the collector's certificate, cannot be read: check that it exists"
                    + " and who may read it");
        }
        throw new BadSetting(authorities + ", for the collector's certificate, holds no PEM certificates");
    }

    /**
     * On return the collector has read all of them.
     *
     * @throws NotDelivered when it may not have, within the time
     */
    public void send(List<byte[]> messages) throws NotDelivered {
        try (WatchedSocket socket = new WatchedSocket()) {
            // A blocked write ends only by its socket's being closed.
            CompletableFuture<Void> deadline =
                    new CompletableFuture<Void>().orTimeout(patience.toMillis(), TimeUnit.MILLISECONDS);
            CompletableFuture<Void> unused = deadline.whenComplete((done, late) -> close(socket));
            try {
                socket.connect(new InetSocketAddress(address.host(), address.port()), CONNECT_MILLIS);
                send(socket, messages);
            } catch (IOException e) {
                throw deadline.isCompletedExceptionally() ? late(e) : failure(e);
            } finally {
                deadline.complete(null);
            }
        } catch (NotDelivered e) {
            throw e;
        } catch (IOException e) {
            throw failure(e);
        }
    }

    private void send(WatchedSocket socket, List<byte[]> messages) throws IOException {
        SSLSocket secured =
                (SSLSocket) tls.getSocketFactory().createSocket(socket, address.host(), address.port(), true);
        secured.setSSLParameters(Tls.parameters());
        secured.startHandshake();
        OutputStream out = new BufferedOutputStream(secured.getOutputStream(), 1 << 14);
        for (byte[] message : messages) {
            out.write(message);
        }
        out.flush();
        InputStream in = secured.getInputStream();
        // Ends TLS and TCP in this direction: whichever the collector heeds, it reads to here.
        secured.shutdownOutput();
        in.transferTo(OutputStream.nullOutputStream());
        socket.requireWritten();
    }

    private static void close(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            // It is gone either way.
        }
    }

    private NotDelivered late(IOException cause) {
        return new NotDelivered(
                "the collector at " + address + " has not read everything within " + patience.toSeconds()
                        + " s: see whether it hangs, or is no syslog server over TLS",
                cause);
    }

    private NotDelivered failure(IOException cause) {
        String what;
        if (cause instanceof UnknownHostException) {
            what = "has a name that nobody knows: check it, and this host's name service";
        } else if (cause instanceof ConnectException || cause instanceof java.net.SocketTimeoutException) {
            what = "cannot be reached: see whether it runs, and what the firewalls say";
        } else if (cause instanceof SSLException) {
            what = "proves itself by no certificate that is trusted for this name, or speaks no TLS 1.2 or 1.3: check"
                    + " the CA's file and the certificate's names";
        } else {
            what = "closed the connection before it had read everything: see its log";
        }
        return new NotDelivered("the collector at " + address + " " + what, cause);
    }

    @Override
    public String toString() {
        return address.toString();
    }
}
