package io.lyftdata.crypto;

import io.lyftdata.config.BadSetting;
import io.lyftdata.config.Secret;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The key by which this installation signs what it must recognise later, and by which it names secrets without telling
 * them: Ed25519 (RFC 8032), in one file, made once. Safe for use by many threads.
 */
public final class SigningKey {
    private static final Logger LOG = LoggerFactory.getLogger(SigningKey.class);
    private static final byte[] PROBE = "lyftdata-probe-v1".getBytes(StandardCharsets.US_ASCII);

    private final Identity identity;
    private final byte[] fingerprintKey;

    private SigningKey(Identity identity) {
        this.identity = identity;
        this.fingerprintKey = identity.derive("lyftdata-fingerprint-v1");
    }

    /**
     * Reads the key from the file, or makes one when there is none.
     *
     * @throws BadSetting when the file is damaged
     */
    public static SigningKey open(Path file) throws IOException {
        Optional<String> pem = SecretFile.read(file);
        if (pem.isPresent()) {
            return Identity.fromPem(pem.get())
                    .filter(identity -> Identity.verify(identity.publicKey(), PROBE, identity.sign(PROBE)))
                    .map(SigningKey::new)
                    .orElseThrow(() -> new BadSetting(file + " is damaged; restore it from a backup"));
        }
        Identity made = Identity.generate();
        SecretFile.write(file, made.toPem());
        SigningKey key = new SigningKey(made);
        LOG.info("made a signing key, fingerprint {}", key.fingerprint());
        return key;
    }

    /** Base64 of the signature; what is signed begins with its own purpose, so that none serves for another. */
    public String sign(byte[] message) {
        return identity.sign(message);
    }

    /** Whether this key signed it; false for anything damaged or missing. */
    public boolean signed(byte[] message, String signature) {
        return Identity.verify(identity.publicKey(), message, signature);
    }

    /** SubjectPublicKeyInfo (RFC 8410) in base64. */
    public String publicKey() {
        return identity.publicKey();
    }

    /** What people compare: {@code sha256:<hex>} of the SubjectPublicKeyInfo. */
    public String fingerprint() {
        return identity.fingerprint();
    }

    /** The secret's name for records: the same for the same secret, and worth nothing without this key. */
    public String fingerprint(Secret secret) {
        byte[] text = secret.reveal().getBytes(StandardCharsets.UTF_8);
        return "hmac-sha256:" + HexFormat.of().formatHex(Digests.hmacSha256(fingerprintKey, text));
    }
}
