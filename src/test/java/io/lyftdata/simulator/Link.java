package io.lyftdata.simulator;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;

/** One kept TLS connection with one HTTP call at a time. Used by its loop's thread only. */
final class Link {
    /** As the worker's process waits. */
    private static final long CONNECT_NANOS = TimeUnit.SECONDS.toNanos(5);

    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    private final Loop loop;
    private final Listener listener;
    private SocketChannel channel;
    private SelectionKey key;
    private SSLEngine engine;
    private boolean isOpen;
    /** Of a record that has not come whole. */
    private byte[] leftIn = new byte[0];
    /** Sealed, and not yet taken by the socket. */
    private ByteBuffer leftOut = NOTHING;

    private HttpAnswer answer = new HttpAnswer();

    /** Hears what becomes of the connection. */
    interface Listener {
        void opened();

        void answered(HttpAnswer answer);

        /** It is closed, whoever closed it. */
        void lost(String why);
    }

    Link(Loop loop, Listener listener) {
        this.loop = loop;
        this.listener = listener;
    }

    boolean isOpen() {
        return isOpen;
    }

    /** Connects from the one address to the other; the listener hears how it went. */
    void open(InetSocketAddress from, InetSocketAddress to, SSLEngine tls) {
        engine = tls;
        answer = new HttpAnswer();
        leftIn = new byte[0];
        leftOut = NOTHING;
        try {
            channel = SocketChannel.open();
            channel.configureBlocking(false);
            channel.setOption(java.net.StandardSocketOptions.TCP_NODELAY, true);
            channel.bind(from);
            loop.at(System.nanoTime() + CONNECT_NANOS, () -> giveUp(tls));
            boolean done = channel.connect(to);
            key = channel.register(loop.selector(), done ? SelectionKey.OP_READ : SelectionKey.OP_CONNECT, this);
            if (done) {
                handshake();
            }
        } catch (IOException e) {
            lose("connect: " + e.getMessage());
        }
    }

    private void giveUp(SSLEngine begun) {
        if (begun == engine && !isOpen && channel != null) {
            lose("connect: timed out");
        }
    }

    void ready(SelectionKey ready) {
        try {
            if (ready.isValid() && ready.isConnectable()) {
                channel.finishConnect();
                key.interestOps(SelectionKey.OP_READ);
                handshake();
            }
            if (ready.isValid() && ready.isWritable()) {
                flush(leftOut);
            }
            if (ready.isValid() && ready.isReadable()) {
                read();
            }
        } catch (IOException e) {
            lose(e.getClass().getSimpleName() + ": " + e.getMessage());
        }
    }

    private void handshake() throws IOException {
        engine.beginHandshake();
        advance();
    }

    /** The request goes out whole; the listener hears the answer. */
    void send(byte[] request) {
        try {
            seal(ByteBuffer.wrap(request));
        } catch (IOException e) {
            lose("send: " + e.getMessage());
        }
    }

    private void seal(ByteBuffer text) throws IOException {
        do {
            loop.sealed.clear();
            SSLEngineResult result = engine.wrap(text, loop.sealed);
            if (result.getStatus() == SSLEngineResult.Status.CLOSED) {
                throw new IOException("closed");
            }
            loop.sealed.flip();
            write(loop.sealed);
        } while (text.hasRemaining());
    }

    private void write(ByteBuffer bytes) throws IOException {
        if (leftOut.hasRemaining()) {
            ByteBuffer both = ByteBuffer.allocate(leftOut.remaining() + bytes.remaining());
            both.put(leftOut).put(bytes).flip();
            flush(both);
        } else {
            flush(bytes);
        }
    }

    private void flush(ByteBuffer bytes) throws IOException {
        channel.write(bytes);
        if (bytes.hasRemaining()) {
            ByteBuffer left = ByteBuffer.allocate(bytes.remaining());
            left.put(bytes).flip();
            leftOut = left;
            key.interestOps(SelectionKey.OP_READ | SelectionKey.OP_WRITE);
        } else {
            leftOut = NOTHING;
            key.interestOps(SelectionKey.OP_READ);
        }
    }

    private void read() throws IOException {
        ByteBuffer in = loop.received;
        in.clear();
        in.put(leftIn);
        int count = channel.read(in);
        in.flip();
        unseal(in);
        if (channel == null) {
            return;
        }
        leftIn = new byte[in.remaining()];
        in.get(leftIn);
        if (count < 0) {
            throw new IOException("the server closed the connection");
        }
    }

    private void unseal(ByteBuffer in) throws IOException {
        while (channel != null && in.hasRemaining()) {
            loop.plain.clear();
            SSLEngineResult result = engine.unwrap(in, loop.plain);
            if (result.getStatus() == SSLEngineResult.Status.CLOSED) {
                throw new IOException("the server closed the connection");
            }
            advance();
            if (result.getStatus() == SSLEngineResult.Status.BUFFER_UNDERFLOW) {
                return;
            }
            loop.plain.flip();
            if (loop.plain.hasRemaining() && answer.take(loop.plain)) {
                HttpAnswer whole = answer;
                answer = new HttpAnswer();
                listener.answered(whole);
            }
        }
    }

    /** Does what the handshake waits for, until that is bytes of the server. */
    private void advance() throws IOException {
        while (true) {
            HandshakeStatus status = engine.getHandshakeStatus();
            if (status == HandshakeStatus.NEED_TASK) {
                for (Runnable task = engine.getDelegatedTask(); task != null; task = engine.getDelegatedTask()) {
                    task.run();
                }
            } else if (status == HandshakeStatus.NEED_WRAP) {
                seal(NOTHING.duplicate());
            } else {
                break;
            }
        }
        if (!isOpen && engine.getHandshakeStatus() == HandshakeStatus.NOT_HANDSHAKING) {
            isOpen = true;
            listener.opened();
        }
    }

    /** Closes without a word to the listener. */
    void close() {
        isOpen = false;
        try {
            if (channel != null) {
                channel.close();
            }
        } catch (IOException e) {
            throw new IllegalStateException(e);
        } finally {
            channel = null;
        }
    }

    private void lose(String why) {
        close();
        listener.lost(why);
    }
}
