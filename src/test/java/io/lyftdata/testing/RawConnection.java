package io.lyftdata.testing;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Optional;

/** A connection that is kept over many requests, each answered before the next (RFC 9112). For one thread. */
final class RawConnection implements Closeable {
    private final Socket socket;
    private final InputStream in;
    private boolean isKept = true;

    RawConnection(Socket socket) throws IOException {
        this.socket = socket;
        this.in = new BufferedInputStream(socket.getInputStream());
    }

    /** Whether another request may follow. */
    boolean isKept() {
        return isKept;
    }

    /** Empty when the server closed without an answer. */
    Optional<RawClient.Answer> exchange(boolean hasBody, byte[] request) throws IOException {
        String head;
        try {
            socket.getOutputStream().write(request);
            socket.getOutputStream().flush();
            head = head();
        } catch (IOException e) {
            head = "";
        }
        if (!head.startsWith("HTTP/1.1 ")) {
            isKept = false;
            return Optional.empty();
        }
        RawClient.Answer answer = new RawClient.Answer(Integer.parseInt(head.substring(9, 12)), head, "");
        isKept = !answer.header("Connection").equalsIgnoreCase("close");
        byte[] body = hasBody && answer.status() != 204 && answer.status() != 304 ? body(answer) : new byte[0];
        return Optional.of(new RawClient.Answer(answer.status(), head, new String(body, StandardCharsets.UTF_8)));
    }

    private String head() throws IOException {
        StringBuilder head = new StringBuilder();
        for (String line = line(); !line.isEmpty(); line = line()) {
            head.append(head.isEmpty() ? "" : "\r\n").append(line);
        }
        return head.toString();
    }

    /** Without its end; empty at the end of the stream too. */
    private String line() throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        for (int next = in.read(); next >= 0 && next != '\n'; next = in.read()) {
            line.write(next);
        }
        return line.toString(StandardCharsets.ISO_8859_1).stripTrailing();
    }

    private byte[] body(RawClient.Answer answer) throws IOException {
        if (answer.header("Transfer-Encoding").toLowerCase(Locale.ROOT).equals("chunked")) {
            return chunks();
        }
        String length = answer.header("Content-Length");
        if (!length.isEmpty()) {
            return in.readNBytes(Integer.parseInt(length));
        }
        isKept = false;
        return in.readAllBytes();
    }

    private byte[] chunks() throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (int size = size(); size > 0; size = size()) {
            all.writeBytes(in.readNBytes(size));
            line();
        }
        line();
        return all.toByteArray();
    }

    private int size() throws IOException {
        return Integer.parseInt(line().split(";", 2)[0].strip(), 16);
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
