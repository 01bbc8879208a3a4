package io.lyftdata.http;

import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/**
 * Reads on after an early answer and throws away what still comes, for a bounded while and up to a bounded length: to
 * close at once would reset the connection, and a client that is still sending would never see why it was refused. No
 * thread waits meanwhile.
 */
public final class Linger extends Handler.Wrapper {
    private static final long MAX_BYTES = 16L * 1024 * 1024;
    private static final long MAX_NANOS = TimeUnit.SECONDS.toNanos(5);
    private static final long SILENCE_MILLIS = TimeUnit.SECONDS.toMillis(2);

    @Override
    public boolean handle(Request request, Response response, Callback callback) throws Exception {
        // Who waits for leave to send its body gets the answer instead, and sends none.
        if (request.getHeaders().contains(HttpHeader.EXPECT)) {
            return super.handle(request, response, callback);
        }
        Rest rest = new Rest(request, callback);
        return super.handle(rest, response, Callback.from(rest::begin, callback::failed));
    }

    /** A request, and what is left of its body once the answer is on the wire. */
    private static final class Rest extends Request.Wrapper {
        private static final long AT_ONCE = 64 * 1024;

        private final Callback done;
        private long idleMillis;
        private long deadline;
        private long left;

        Rest(Request request, Callback done) {
            super(request);
            this.done = done;
        }

        /** In the place of Jetty's own, after which nothing more can be read. */
        @Override
        public boolean consumeAvailable() {
            left = AT_ONCE;
            Content.Chunk chunk = skip();
            return chunk != null && chunk.isLast() && !Content.Chunk.isFailure(chunk);
        }

        void begin() {
            idleMillis = connection().getIdleTimeout();
            deadline = System.nanoTime() + MAX_NANOS;
            left = MAX_BYTES;
            readOn();
        }

        private void readOn() {
            if (skip() == null && System.nanoTime() - deadline < 0) {
                connection().setIdleTimeout(SILENCE_MILLIS);
                demand(this::readOn);
            } else {
                connection().setIdleTimeout(idleMillis);
                done.succeeded();
            }
        }

        /** Null when more is to come; else the last chunk, or the one that went beyond what is left to be read. */
        private Content.Chunk skip() {
            Content.Chunk chunk = read();
            while (chunk != null) {
                left -= chunk.remaining();
                chunk.release();
                if (left < 0 || chunk.isLast() || Content.Chunk.isFailure(chunk)) {
                    return chunk;
                }
                chunk = read();
            }
            return null;
        }

        private EndPoint connection() {
            return getConnectionMetaData().getConnection().getEndPoint();
        }
    }
}
