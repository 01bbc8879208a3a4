package io.lyftdata.certificate;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;
import io.lyftdata.crypto.CertificateChain;
import io.lyftdata.crypto.CertifiedKey;
import io.lyftdata.crypto.Pem;
import io.lyftdata.crypto.PrivateKeys;
import io.lyftdata.testing.TestCertificates.Wish;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/** Runs its inputs in every build; {@code JAZZER_FUZZ=1} with {@code -Djazzer.hooks=true} goes on from them. */
class PemFuzzTest {
    private static final CertifiedKey LEAF =
            Wish.leaf("P-256", Instant.parse("2026-11-23T12:00:00Z")).selfSigned();
    private static final String BOTH = LEAF.keyPem() + LEAF.certificatePem();

    @FuzzTest(maxDuration = "30s")
    void readsOrSaysWhyNot(FuzzedDataProvider data) {
        boolean encrypted = data.consumeBoolean();
        assertSound(data.consumeRemainingAsString(), encrypted ? Optional.of("secret") : Optional.empty());
    }

    @Test
    void readsOrSaysWhyNotForEveryWoundOfAGoodFile() {
        Random random = new Random(5);
        for (int round = 0; round < 3000; round++) {
            byte[] bytes = BOTH.getBytes(StandardCharsets.US_ASCII);
            for (int wounds = random.nextInt(1, 4); wounds > 0; wounds--) {
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
            }
            int length = random.nextBoolean() ? bytes.length : random.nextInt(bytes.length);
            assertSound(new String(bytes, 0, length, StandardCharsets.ISO_8859_1), Optional.of("secret"));
        }
    }

    @Test
    void endsOnNestingWithoutEnd() {
        for (String label : List.of("PRIVATE KEY", "ENCRYPTED PRIVATE KEY", "EC PRIVATE KEY", "CERTIFICATE")) {
            byte[] nested = new byte[400_000];
            for (int i = 0; i < nested.length; i += 2) {
                nested[i] = 0x30;
                nested[i + 1] = (byte) 0x80;
            }
            assertSound(Pem.encode(label, nested), Optional.of("secret"));
            assertSound(Pem.encode(label, nestedWithLengths()), Optional.of("secret"));
        }
    }

    /** As deep as 60,000 bytes go. */
    private static byte[] nestedWithLengths() {
        byte[] nested = new byte[60_000];
        for (int i = 0; i + 4 <= nested.length; i += 4) {
            int length = nested.length - i - 4;
            nested[i] = 0x30;
            nested[i + 1] = (byte) 0x82;
            nested[i + 2] = (byte) (length >> 8);
            nested[i + 3] = (byte) length;
        }
        return nested;
    }

    /** A value, or one sentence that holds nothing of the text. */
    private static void assertSound(String text, Optional<String> passphrase) {
        for (Supplier<?> reading :
                List.<Supplier<?>>of(() -> PrivateKeys.parse(text, passphrase), () -> CertificateChain.parse(text))) {
            try {
                assertThat(reading.get()).isNotNull();
            } catch (IllegalArgumentException e) {
                assertThat(e.getMessage()).matches("it[ s].{10,200}|one of its certificates is damaged");
            }
        }
    }
}
