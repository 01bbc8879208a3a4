package io.lyftdata.crypto;

import java.security.SecureRandom;
import java.util.HexFormat;

/** Random values from the platform's {@link SecureRandom}; safe for use by many threads. */
public final class Randomness {
    private static final SecureRandom SOURCE = new SecureRandom();

    private Randomness() {}

    /**
     * Lower-case hex digits.
     *
     * @param bits how many random bits, a multiple of 8
     */
    public static String hex(int bits) {
        return HexFormat.of().formatHex(bytes(bits / 8));
    }

    public static byte[] bytes(int count) {
        byte[] bytes = new byte[count];
        SOURCE.nextBytes(bytes);
        return bytes;
    }

    /** Uniform in 0 ≤ x &lt; 1. */
    public static double fraction() {
        return SOURCE.nextDouble();
    }
}
