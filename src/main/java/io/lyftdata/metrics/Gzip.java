package io.lyftdata.metrics;

import jakarta.ws.rs.core.StreamingOutput;
import java.io.IOException;
import java.io.OutputStream;
import java.util.regex.Pattern;
import java.util.zip.Deflater;
import java.util.zip.GZIPOutputStream;

/** Answers in gzip (RFC 1952), fast rather than small, for clients that ask for it. */
final class Gzip extends GZIPOutputStream {
    private static final int BUFFER = 1 << 15;
    private static final Pattern WANTED =
            Pattern.compile("(?i)(?:.*,)?\\s*(?:x-)?gzip\\s*(?:;\\s*q=(?!0(?:\\.0*)?\\s*(?:,|$))[^,]*)?(?:,.*)?");

    private Gzip(OutputStream out) throws IOException {
        super(out, BUFFER);
        def.setLevel(Deflater.BEST_SPEED);
    }

    /** @param accepted the header Accept-Encoding (RFC 9110); null when there is none */
    static boolean isWanted(String accepted) {
        return accepted != null && WANTED.matcher(accepted).matches();
    }

    /** The same body, compressed on its way. */
    static StreamingOutput of(StreamingOutput body) {
        return out -> {
            Gzip gzip = new Gzip(out);
            try {
                body.write(gzip);
                gzip.finish();
                gzip.flush();
            } finally {
                gzip.def.end();
            }
        };
    }
}
