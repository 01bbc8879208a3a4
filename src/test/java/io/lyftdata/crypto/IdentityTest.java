package io.lyftdata.crypto;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

class IdentityTest {
    private static final byte[] MESSAGE = "message".getBytes(StandardCharsets.UTF_8);

    @Test
    void survivesItsFileAndSignsTheSame() {
        Identity identity = Identity.generate();
        Identity read = Identity.fromPem(identity.toPem()).orElseThrow();
        assertThat(read.publicKey()).isEqualTo(identity.publicKey());
        assertThat(Identity.verify(identity.publicKey(), MESSAGE, read.sign(MESSAGE)))
                .isTrue();
    }

    @Test
    void acceptsNoOtherMessageSignatureOrKey() {
        Identity identity = Identity.generate();
        String signature = identity.sign(MESSAGE);
        byte[] other = "massage".getBytes(StandardCharsets.UTF_8);
        assertThat(Identity.verify(identity.publicKey(), other, signature)).isFalse();
        assertThat(Identity.verify(Identity.generate().publicKey(), MESSAGE, signature))
                .isFalse();
        assertThat(Identity.verify("rubbish", MESSAGE, signature)).isFalse();
        assertThat(Identity.verify(identity.publicKey(), MESSAGE, "rubbish")).isFalse();
        assertThat(Identity.verify(null, MESSAGE, null)).isFalse();
        assertThat(Identity.isPublicKey(identity.publicKey() + "\n")).isFalse();
        assertThat(Identity.fromPem("-----BEGIN PRIVATE KEY-----\n!\n-----END PRIVATE KEY-----"))
                .isEmpty();
    }

    /** Workers of another version, and other programs, sign by another library. */
    @Test
    void agreesWithJava() throws Exception {
        Identity identity = Identity.generate();
        Signature java = Signature.getInstance("Ed25519");
        java.initVerify(KeyFactory.getInstance("Ed25519")
                .generatePublic(new X509EncodedKeySpec(Base64.getDecoder().decode(identity.publicKey()))));
        java.update(MESSAGE);
        assertThat(java.verify(Base64.getDecoder().decode(identity.sign(MESSAGE))))
                .isTrue();

        KeyPair pair = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
        java.initSign(pair.getPrivate());
        java.update(MESSAGE);
        String signature = Base64.getEncoder().encodeToString(java.sign());
        String key = Base64.getEncoder().encodeToString(pair.getPublic().getEncoded());
        assertThat(Identity.verify(key, MESSAGE, signature)).isTrue();
    }

    /** RFC 8032, 5.1.7: a signature plus the group's order would count too if the range of S were not checked. */
    @Test
    void acceptsOneSignatureOnly() {
        Identity identity = Identity.generate();
        byte[] signature = Base64.getDecoder().decode(identity.sign(MESSAGE));
        byte[] order = HexFormat.of().parseHex("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010");
        int carry = 0;
        for (int i = 0; i < order.length; i++) {
            carry += (signature[32 + i] & 0xff) + (order[i] & 0xff);
            signature[32 + i] = (byte) carry;
            carry >>= 8;
        }
        String other = Base64.getEncoder().encodeToString(signature);
        assertThat(Identity.verify(identity.publicKey(), MESSAGE, other)).isFalse();
    }

    @Test
    void takesNoPointThatIsNone() {
        byte[] key = Base64.getDecoder().decode(Identity.generate().publicKey());
        Arrays.fill(key, 12, key.length, (byte) 0xff);
        assertThat(Identity.isPublicKey(Base64.getEncoder().encodeToString(key)))
                .isFalse();
    }
}
