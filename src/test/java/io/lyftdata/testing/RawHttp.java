package io.lyftdata.testing;

import com.google.common.net.InetAddresses;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Sends bytes as they are, from a loopback address of choice, and reads one answer until the server closes. */
public final class RawHttp {
    private static final int TIMEOUT_MILLIS = 20_000;

    private RawHttp() {}

    /** An answer: its status, header lines, and body. */
    public record Answer(int status, List<String> headers, String body) {
        /** The value of the first header of that name, or an empty text. */
        public String header(String name) {
            String start = name.toLowerCase(Locale.ROOT) + ":";
            return headers.stream()
                    .filter(line -> line.toLowerCase(Locale.ROOT).startsWith(start))
                    .map(line -> line.substring(start.length()).strip())
                    .findFirst()
                    .orElse("");
        }
    }

    /** A request without body; each header is a whole line. */
    public static Answer get(int port, String path, String... headers) throws IOException {
        return send(port, "127.0.0.1", "GET", path, new byte[0], headers);
    }

    public static Answer send(int port, String from, String method, String path, byte[] body, String... headers)
            throws IOException {
        StringBuilder head = new StringBuilder(method + " " + path + " HTTP/1.1\r\nHost: localhost\r\n");
        head.append("Connection: close\r\n");
        for (String header : headers) {
            head.append(header).append("\r\n");
        }
        boolean framed = List.of(headers).stream().anyMatch(line -> line.startsWith("Content-Length"));
        if (!framed && !method.equals("GET")) {
            head.append("Content-Length: ").append(body.length).append("\r\n");
        }
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        bytes.writeBytes(head.append("\r\n").toString().getBytes(StandardCharsets.UTF_8));
        bytes.writeBytes(body);
        return exchange(port, from, bytes.toByteArray());
    }

    public static Answer exchange(int port, String from, byte[] request) throws IOException {
        try (Socket socket = new Socket()) {
            socket.bind(new InetSocketAddress(InetAddresses.forString(from), 0));
            socket.connect(new InetSocketAddress(InetAddresses.forString("127.0.0.1"), port));
            socket.setSoTimeout(TIMEOUT_MILLIS);
            socket.getOutputStream().write(request);
            socket.getOutputStream().flush();
            return parse(readAll(socket.getInputStream()));
        }
    }

    private static String readAll(InputStream in) throws IOException {
        return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }

    private static Answer parse(String text) {
        int end = text.indexOf("\r\n\r\n");
        List<String> lines = new ArrayList<>(List.of(text.substring(0, end).split("\r\n", -1)));
        int status = Integer.parseInt(lines.remove(0).split(" ", 3)[1]);
        return new Answer(status, lines, text.substring(end + 4));
    }
}
