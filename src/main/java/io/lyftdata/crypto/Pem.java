package io.lyftdata.crypto;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Textual encoding of keys and certificates (RFC 7468). */
public final class Pem {
    private static final Base64.Encoder LINES = Base64.getMimeEncoder(64, "\n".getBytes(StandardCharsets.US_ASCII));
    private static final String BEGIN = "-----BEGIN ";
    private static final String DASHES = "-----";
    private static final Pattern LABEL = Pattern.compile("[A-Z0-9 ]{1,40}");

    private Pem() {}

    /**
     * One block as others wrote it.
     *
     * @param headers those of RFC 1421, as OpenSSL once wrote them; empty for none
     */
    @SuppressWarnings("ArrayRecordComponent") // read once, where it was made
    record Block(String label, String headers, byte[] content) {}

    /** One block, ending with a line end. */
    public static String encode(String label, byte[] content) {
        return BEGIN + label + "-----\n" + LINES.encodeToString(content) + "\n-----END " + label + "-----\n";
    }

    /**
     * The first block with that label.
     *
     * @throws IllegalArgumentException when there is none or it is no base64
     */
    public static byte[] decode(String pem, String label) {
        Matcher matcher = Pattern.compile(BEGIN + label + "-----([A-Za-z0-9+/=\\s]*)-----END " + label + "-----")
                .matcher(pem);
        if (!matcher.find()) {
            throw new IllegalArgumentException("no " + label + " block");
        }
        return Base64.getMimeDecoder().decode(matcher.group(1));
    }

    /** Whether the text holds a private key of any form. */
    public static boolean holdsPrivateKey(String text) {
        return text.contains("PRIVATE KEY-----");
    }

    /**
     * All blocks in their order; what stands around them is passed over.
     *
     * @throws IllegalArgumentException with a sentence when one of them is damaged
     */
    static List<Block> blocks(String text) {
        List<Block> blocks = new ArrayList<>();
        for (int begin = text.indexOf(BEGIN); begin >= 0; begin = text.indexOf(BEGIN, begin)) {
            int labelEnd = text.indexOf(DASHES, begin + BEGIN.length());
            String label = labelEnd < 0 ? "" : text.substring(begin + BEGIN.length(), labelEnd);
            if (!LABEL.matcher(label).matches()) {
                throw new IllegalArgumentException("it has a damaged BEGIN line");
            }
            String endLine = "-----END " + label + DASHES;
            int bodyBegin = labelEnd + DASHES.length();
            int bodyEnd = text.indexOf(DASHES, bodyBegin);
            if (bodyEnd < 0 || !text.startsWith(endLine, bodyEnd)) {
                throw new IllegalArgumentException("its block " + label + " has no END line: it was cut off");
            }
            blocks.add(block(label, text.substring(bodyBegin, bodyEnd)));
            begin = bodyEnd + endLine.length();
        }
        return blocks;
    }

    private static Block block(String label, String body) {
        int headersEnd = body.lastIndexOf(':') < 0 ? 0 : body.indexOf('\n', body.lastIndexOf(':')) + 1;
        return new Block(label, body.substring(0, headersEnd).strip(), bytes(label, body.substring(headersEnd)));
    }

    private static byte[] bytes(String label, String base64) {
        Optional<byte[]> bytes = decoded(base64.replaceAll("\\s", ""));
        return bytes.filter(content -> content.length > 0)
                .orElseThrow(() -> new IllegalArgumentException("its block " + label + " is no base64: it is damaged"));
    }

    private static Optional<byte[]> decoded(String base64) {
        try {
            return Optional.of(Base64.getDecoder().decode(base64));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }
}
