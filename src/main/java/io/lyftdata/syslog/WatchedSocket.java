package io.lyftdata.syslog;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;

/**
 * Remembers that a write failed. TLS passes over that at its end, and what is read behind it looks like an orderly close.
 */
final class WatchedSocket extends Socket {
    private volatile IOException failure;

    /** @throws IOException when any write was not taken */
    void requireWritten() throws IOException {
        if (failure != null) {
            throw new IOException("the connection broke before its end was written", failure);
        }
    }

    @Override
    public OutputStream getOutputStream() throws IOException {
        return new FilterOutputStream(super.getOutputStream()) {
            @Override
            public void write(int single) throws IOException {
                write(new byte[] {(byte) single}, 0, 1);
            }

            @Override
            public void write(byte[] bytes, int offset, int length) throws IOException {
                try {
                    out.write(bytes, offset, length);
                } catch (IOException e) {
                    failure = e;
                    throw e;
                }
            }
        };
    }

    @Override
    public void shutdownOutput() throws IOException {
        try {
            super.shutdownOutput();
        } catch (IOException e) {
            failure = e;
            throw e;
        }
    }
}
