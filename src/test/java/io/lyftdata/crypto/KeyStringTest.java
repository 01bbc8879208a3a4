package io.lyftdata.crypto;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Random;
import java.util.Set;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;

class KeyStringTest {
    @Test
    void readsWhatItMadeAndHidesIt() {
        for (KeyString.Kind kind : KeyString.Kind.values()) {
            KeyString key = KeyString.generate(kind);
            KeyString read = KeyString.parse(key.reveal()).orElseThrow();
            assertThat(read.kind()).isEqualTo(kind);
            assertThat(read.id()).isEqualTo(key.id());
            assertThat(read.hash()).isEqualTo(key.hash()).hasSize(64);
            assertThat(key.toString()).doesNotContain(key.reveal().substring(40));
        }
    }

    @Test
    void refusesEveryMistypedKeyWithoutALookUp() {
        String key = KeyString.generate(KeyString.Kind.WORKER).reveal();
        Random random = new Random(7);
        for (int round = 0; round < 5_000; round++) {
            int at = random.nextInt(key.length());
            char other = "0123456789abcdefX_ \n".charAt(random.nextInt(20));
            String mistyped = key.substring(0, at) + other + key.substring(at + 1);
            assertThat(KeyString.parse(mistyped).isPresent()).isEqualTo(mistyped.equals(key));
        }
        assertThat(KeyString.parse(key.toUpperCase(Locale.ROOT))).isEmpty();
        assertThat(KeyString.parse(key + "0")).isEmpty();
        assertThat(KeyString.parse(null)).isEmpty();
    }

    @Test
    void refusesAnotherShapeThoughItsCheckDigitsFit() {
        String key = KeyString.generate(KeyString.Kind.WORKER).reveal();
        String body = key.substring(0, key.length() - 8);
        assertThat(KeyString.parse(checked(body))).isPresent();
        for (int at : new int[] {0, 3, 6, 7, 38, 39, 40, body.length() - 1}) {
            String other = body.substring(0, at) + "G" + body.substring(at + 1);
            assertThat(KeyString.parse(checked(other)))
                    .as(other.substring(0, 40))
                    .isEmpty();
        }
        assertThat(KeyString.parse(checked(body + "0"))).isEmpty();
        assertThat(KeyString.parse(checked(body.substring(1)))).isEmpty();
    }

    private static String checked(String body) {
        CRC32 crc = new CRC32();
        crc.update(body.getBytes(StandardCharsets.US_ASCII));
        return body + HexFormat.of().toHexDigits((int) crc.getValue());
    }

    @Test
    void neverMakesAnIdTwice() {
        Set<String> ids = new HashSet<>();
        for (int i = 0; i < 2_000; i++) {
            assertThat(ids.add(KeyString.generate(KeyString.Kind.API_TOKEN).id()))
                    .isTrue();
        }
    }
}
