package io.lyftdata.simulator;

import io.lyftdata.crypto.Randomness;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.zip.GZIPOutputStream;

/** What workers send. */
final class Body {
    private static final int SERIES = 50;

    private Body() {}

    /** 50 series of five families, as host metrics are, packed. */
    static byte[] metrics(int number, long round) {
        StringBuilder text = new StringBuilder(4096);
        for (int family = 0; family < 5; family++) {
            text.append("# TYPE host_sample_").append(family).append(" gauge\n");
            for (int series = 0; series < SERIES / 5; series++) {
                text.append("host_sample_")
                        .append(family)
                        .append("{device=\"disk")
                        .append(series)
                        .append("\"} ")
                        .append(number * 31L + round * (series + 1))
                        .append('\n');
            }
        }
        return packed(text.toString());
    }

    /** One line of log. */
    static byte[] line(int number, long round) {
        return packed("{\"time\":\"" + Instant.now() + "\",\"level\":\"info\",\"source\":\"app\",\"message\":\"request "
                + round + " of worker " + number + " was served in 12 ms with status 200\"}\n");
    }

    /** So many lines of an access log, no two alike. */
    static byte[] lines(int count) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < count; i++) {
            text.append("{\"time\":\"")
                    .append(Instant.now())
                    .append(i % 50 == 0 ? "\",\"level\":\"warn" : "\",\"level\":\"info")
                    .append("\",\"source\":\"/var/log/orders.log\",\"message\":\"request ")
                    .append(Randomness.hex(64))
                    .append(" from 10.0.")
                    .append(i % 256)
                    .append(".7 GET /api/v1/orders/")
                    .append(Randomness.hex(24))
                    .append(" answered 200 in ")
                    .append(i * 7 % 900)
                    .append(" ms\"}\n");
        }
        return text.toString().getBytes(StandardCharsets.US_ASCII);
    }

    private static byte[] packed(String text) {
        return packed(text.getBytes(StandardCharsets.US_ASCII));
    }

    static byte[] packed(byte[] text) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(bytes)) {
            gzip.write(text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }
}
