package io.lyftdata.testing;

import com.exceptionfactory.jagged.x25519.X25519KeyPairGenerator;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;

/**
 * An age key pair, new at each call.
 *
 * @param recipient its public part
 * @param identity the text of its file
 */
public record AgeKeys(String recipient, String identity) {
    public static AgeKeys generate() {
        try {
            KeyPair pair = new X25519KeyPairGenerator().generateKeyPair();
            String identity = new String(pair.getPrivate().getEncoded(), StandardCharsets.US_ASCII);
            return new AgeKeys(pair.getPublic().toString(), "# a comment\n" + identity + "\n");
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }
}
