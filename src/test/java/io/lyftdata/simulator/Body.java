package io.lyftdata.simulator;

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

    private static byte[] packed(String text) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(bytes)) {
            gzip.write(text.getBytes(StandardCharsets.US_ASCII));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }
}
