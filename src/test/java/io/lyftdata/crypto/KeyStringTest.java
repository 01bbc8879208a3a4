package io.lyftdata.crypto;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.Locale;
import java.util.Random;
import java.util.Set;
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
    void neverMakesAnIdTwice() {
        Set<String> ids = new HashSet<>();
        for (int i = 0; i < 2_000; i++) {
            assertThat(ids.add(KeyString.generate(KeyString.Kind.API_TOKEN).id()))
                    .isTrue();
        }
    }
}
