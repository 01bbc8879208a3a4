package io.lyftdata.http;

import io.lyftdata.api.Code;
import io.lyftdata.api.Refusal;
import jakarta.servlet.ReadListener;
import jakarta.servlet.ServletInputStream;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import java.io.BufferedReader;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Collections;
import java.util.Enumeration;
import java.util.List;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;
import org.eclipse.jetty.io.EofException;

/** A request whose body is plain and within its limit, or refuses to be read on. */
final class LimitedRequest extends HttpServletRequestWrapper {
    private static final String ENCODING = "Content-Encoding";
    private static final String LENGTH = "Content-Length";
    /** A body that comes more slowly is not waited for, or 1,200 of them stop the server for all. */
    private static final int SLOWEST_BYTES_PER_SECOND = 128;

    private static final Duration GRACE = Duration.ofSeconds(5);

    private final BodyLimit.Rule rule;
    private final boolean isGzip;
    private BodyStream stream;

    LimitedRequest(HttpServletRequest request, BodyLimit.Rule rule, boolean isGzip) {
        super(request);
        this.rule = rule;
        this.isGzip = isGzip;
    }

    static Refusal tooLarge(long limit) {
        return new Refusal(Code.BODY_TOO_LARGE, "the body is longer than " + limit + " bytes: send less at once");
    }

    @Override
    public ServletInputStream getInputStream() throws IOException {
        if (stream == null) {
            stream = new BodyStream(super.getInputStream(), rule.bytes(), isGzip);
        }
        return stream;
    }

    @Override
    public BufferedReader getReader() throws IOException {
        String name = getCharacterEncoding();
        Charset charset = name == null ? StandardCharsets.UTF_8 : Charset.forName(name);
        return new BufferedReader(new InputStreamReader(getInputStream(), charset));
    }

    @Override
    public String getHeader(String name) {
        return isHidden(name) ? null : super.getHeader(name);
    }

    @Override
    public Enumeration<String> getHeaders(String name) {
        return isHidden(name) ? Collections.emptyEnumeration() : super.getHeaders(name);
    }

    @Override
    public Enumeration<String> getHeaderNames() {
        List<String> names = Collections.list(super.getHeaderNames());
        names.removeIf(this::isHidden);
        return Collections.enumeration(names);
    }

    @Override
    public long getContentLengthLong() {
        return isGzip ? -1 : super.getContentLengthLong();
    }

    @Override
    public int getContentLength() {
        return isGzip ? -1 : super.getContentLength();
    }

    private boolean isHidden(String name) {
        return isGzip && (ENCODING.equalsIgnoreCase(name) || LENGTH.equalsIgnoreCase(name));
    }

    /**
     * Counts what is read, before and after inflation, and refuses to go beyond the limit, or to wait for a client that
     * only drips. Jetty's own lower bound also counts the time in which this server is slow, so a pause of a tenth of a
     * second refused a body of a dozen bytes. For one thread.
     */
    private static final class BodyStream extends ServletInputStream {
        private final ServletInputStream source;
        private final long limit;
        private final boolean isGzip;
        private InputStream plain;
        private long count;
        private long waitedNanos;
        private boolean finished;

        BodyStream(ServletInputStream source, long limit, boolean isGzip) {
            this.source = source;
            this.limit = limit;
            this.isGzip = isGzip;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] buffer, int offset, int length) throws IOException {
            int read = inflate(buffer, offset, length);
            finished = read < 0;
            count += Math.max(0, read);
            if (count > limit) {
                throw tooLarge(limit);
            }
            return read;
        }

        private int inflate(byte[] buffer, int offset, int length) throws IOException {
            try {
                if (plain == null) {
                    plain = isGzip ? new GZIPInputStream(new BodyStream(source, limit, false)) : source;
                }
                return plain == source ? await(buffer, offset, length) : plain.read(buffer, offset, length);
            } catch (EofException e) {
                throw e;
            } catch (ZipException | EOFException e) {
                if (isGzip) {
                    throw new Refusal(Code.BAD_REQUEST, "the body is no whole gzip stream: compress it again");
                }
                throw e;
            }
        }

        private int await(byte[] buffer, int offset, int length) throws IOException {
            long begun = System.nanoTime();
            int read = source.read(buffer, offset, length);
            waitedNanos += System.nanoTime() - begun;
            Duration late = Duration.ofNanos(waitedNanos).minus(GRACE);
            if (read >= 0 && count + read < SLOWEST_BYTES_PER_SECOND * late.toMillis() / 1000) {
                throw Problems.ofStatus(Code.REQUEST_TIMEOUT.status());
            }
            return read;
        }

        @Override
        public boolean isFinished() {
            return finished;
        }

        @Override
        public boolean isReady() {
            return true;
        }

        @Override
        public void setReadListener(ReadListener listener) {
            throw new IllegalStateException("bodies are read by the thread that serves the request");
        }
    }
}
