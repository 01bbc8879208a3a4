package io.lyftdata.agent;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicReference;

/** Stands between workers and a server that speaks plain HTTP, and does something at a moment of one of their calls. */
final class KillingRelay implements Closeable {
    /** Moments of a call. */
    enum Moment {
        /** The server has not heard of it. */
        BEFORE,
        /** It is on its way to the server. */
        MEANWHILE,
        /** It is done, and the worker does not hear of it. */
        AFTER
    }

    private record Trap(String call, Moment moment, Runnable action) {}

    private final ServerSocket listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    private final AtomicReference<Trap> trap = new AtomicReference<>();
    private volatile URI server;

    KillingRelay() throws IOException {
        start(this::accept);
    }

    String url() {
        return "http://127.0.0.1:" + listener.getLocalPort();
    }

    void lead(URI to) {
        server = to;
    }

    /** @param call method and path */
    void set(String call, Moment moment, Runnable action) {
        trap.set(new Trap(call, moment, action));
    }

    boolean isSprung() {
        return trap.get() == null;
    }

    private static void start(Runnable work) {
        Thread thread = new Thread(work, "relay");
        thread.setDaemon(true);
        thread.start();
    }

    private void accept() {
        while (!listener.isClosed()) {
            try {
                Socket client = listener.accept();
                connect(client);
            } catch (IOException e) {
                // The listener was closed.
            }
        }
    }

    private void connect(Socket client) throws IOException {
        try {
            Socket upstream = new Socket(server.getHost(), server.getPort());
            AtomicReference<Trap> answering = new AtomicReference<>();
            start(() -> pump(client, upstream, answering, true));
            start(() -> pump(upstream, client, answering, false));
        } catch (IOException e) {
            client.close(); // The server is away, and the worker notices.
        }
    }

    private void pump(Socket from, Socket to, AtomicReference<Trap> answering, boolean isRequest) {
        byte[] buffer = new byte[65_536];
        try (from;
                to) {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            for (int length = in.read(buffer); length >= 0; length = in.read(buffer)) {
                if (isRequest ? isCutAt(buffer, length, out, answering) : isCut(answering)) {
                    return;
                }
                out.write(buffer, 0, length);
                out.flush();
            }
        } catch (IOException e) {
            // Either end is gone, and so is the other.
        }
    }

    private boolean isCutAt(byte[] buffer, int length, OutputStream out, AtomicReference<Trap> answering)
            throws IOException {
        Trap set = trap.get();
        String start = new String(buffer, 0, Math.min(length, 60), StandardCharsets.ISO_8859_1);
        if (set == null || !start.startsWith(set.call() + " ") || !trap.compareAndSet(set, null)) {
            return false;
        }
        if (set.moment() == Moment.AFTER) {
            answering.set(set);
            return false;
        }
        if (set.moment() == Moment.MEANWHILE) {
            out.write(buffer, 0, length);
            out.flush();
        }
        set.action().run();
        return true;
    }

    private static boolean isCut(AtomicReference<Trap> answering) {
        Trap set = answering.get();
        if (set != null) {
            set.action().run();
        }
        return set != null;
    }

    @Override
    public void close() throws IOException {
        listener.close();
    }
}
