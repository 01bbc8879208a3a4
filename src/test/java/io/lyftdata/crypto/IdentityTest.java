package io.lyftdata.crypto;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
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
}
