package io.lyftdata.crypto;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.text.Normalizer;
import java.util.Base64;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.bouncycastle.crypto.generators.Argon2BytesGenerator;
import org.bouncycastle.crypto.params.Argon2Parameters;

/**
 * Hashes people's passwords with Argon2id (RFC 9106) at 19 MiB, 2 passes, 1 lane, as a PHC string. Each call takes that
 * memory and some 60 ms of a core: callers bound how many run at once.
 */
public final class PasswordHash {
    private static final int MEMORY_KIB = 19 * 1024;
    private static final int PASSES = 2;
    private static final String COST = "$argon2id$v=19$m=" + MEMORY_KIB + ",t=" + PASSES + ",p=1$";
    private static final Pattern PHC = Pattern.compile(
            "\\$argon2id\\$v=19\\$m=(\\d{1,7}),t=(\\d{1,3}),p=1\\$([A-Za-z0-9+/]{11,43})\\$([A-Za-z0-9+/]{43})");

    /** Fits no password; judging it costs as much as any. */
    public static final String OF_NOBODY = phc(new byte[16], new byte[32]);

    private PasswordHash() {}

    public static String of(String password) {
        byte[] salt = Randomness.bytes(16);
        return phc(salt, argon2id(password, salt, MEMORY_KIB, PASSES));
    }

    /** False for anything but the password, a damaged hash included; the comparison takes constant time. */
    public static boolean matches(String password, String hash) {
        Matcher parts = PHC.matcher(hash);
        if (!parts.matches()) {
            return false;
        }
        byte[] salt = Base64.getDecoder().decode(parts.group(3));
        byte[] found = argon2id(password, salt, Integer.parseInt(parts.group(1)), Integer.parseInt(parts.group(2)));
        return MessageDigest.isEqual(found, Base64.getDecoder().decode(parts.group(4)));
    }

    /** Whether the hash was made at another cost than today's, and should be made anew at the next login. */
    public static boolean isOutdated(String hash) {
        return !hash.startsWith(COST);
    }

    private static String phc(byte[] salt, byte[] hash) {
        Base64.Encoder base64 = Base64.getEncoder().withoutPadding();
        return COST + base64.encodeToString(salt) + "$" + base64.encodeToString(hash);
    }

    private static byte[] argon2id(String password, byte[] salt, int memory, int passes) {
        Argon2BytesGenerator generator = new Argon2BytesGenerator();
        generator.init(new Argon2Parameters.Builder(Argon2Parameters.ARGON2_id)
                .withVersion(Argon2Parameters.ARGON2_VERSION_13)
                .withMemoryAsKB(memory)
                .withIterations(passes)
                .withParallelism(1)
                .withSalt(salt)
                .build());
        byte[] hash = new byte[32];
        String normal = Normalizer.normalize(password, Normalizer.Form.NFKC);
        generator.generateBytes(normal.getBytes(StandardCharsets.UTF_8), hash);
        return hash;
    }
}
