package io.lyftdata.http;

import io.lyftdata.api.Code;
import io.lyftdata.api.Refusal;
import jakarta.servlet.ReadListener;
import jakarta.servlet.ServletInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;
import org.eclipse.jetty.io.EofException;

/** Counts what is read, before and after inflation, and refuses to go beyond the limit. For one thread. */
final class BodyStream extends ServletInputStream {
    private final ServletInputStream source;
    private final long limit;
    private final boolean isGzip;
    private InputStream plain;
    private long count;
    private boolean finished;

    BodyStream(ServletInputStream source, long limit, boolean isGzip) {
        this.source = source;
        this.limit = limit;
        this.isGzip = isGzip;
    }

    static Refusal tooLarge(long limit) {
        return new Refusal(Code.BODY_TOO_LARGE, "the body is longer than " + limit + " bytes: send less at once");
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
            return plain.read(buffer, offset, length);
        } catch (EofException e) {
            throw e;
        } catch (ZipException | EOFException e) {
            if (isGzip) {
                throw new Refusal(Code.BAD_REQUEST, "the body is no whole gzip stream: compress it again");
            }
            throw e;
        }
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
