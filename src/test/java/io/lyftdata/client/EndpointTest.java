package io.lyftdata.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lyftdata.config.BadSetting;
import java.net.URI;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class EndpointTest {
    private static final String PIN = "sha256:" + "ab".repeat(32);

    @ParameterizedTest
    @CsvSource({
        "https://localhost:3000, https://localhost:3000",
        "https://localhost:3000/, https://localhost:3000",
        "HTTPS://Example.org, https://Example.org",
        "http://[::1]:3000, http://[::1]:3000"
    })
    void keepsSchemeHostAndPortOnly(String given, String kept) {
        assertThat(parse(given, null)).hasToString(kept);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "localhost:3000",
                "ftp://localhost",
                "https://",
                "https://user:pass@host",
                "https://host/path",
                "https://host?token=x",
                "https://host#x",
                "https://ho st",
                "https://host:70000",
                "",
                "https://a_b:1:2"
            })
    void whatIsNoServersUrlIsRefusedWithASentenceThatNamesTheSetting(String given) {
        assertThatThrownBy(() -> parse(given, null))
                .isInstanceOf(BadSetting.class)
                .hasMessageStartingWith("--url (LYFTDATA_URL)")
                .message()
                .doesNotContain("pass@");
    }

    @Test
    void aMistypedPinIsRefused() {
        assertThat(Trust.parsePins(PIN + "," + PIN.toUpperCase(Locale.ROOT))).containsExactly(PIN);
        for (String pin : new String[] {"sha256:ab", PIN + "0", PIN + ",", "sha1:" + "ab".repeat(32), "md5"}) {
            assertThatThrownBy(() -> Trust.parsePins(pin)).isInstanceOf(BadSetting.class);
        }
    }

    @Test
    void protectionThatWouldNotHoldIsRefused() {
        assertThatThrownBy(() -> parse("http://localhost:3000", PIN)).hasMessageContaining("https://");
        assertThatThrownBy(() -> Endpoint.parse("https://a", Optional.empty(), Optional.of(PIN), true))
                .isInstanceOf(BadSetting.class);
        assertThatThrownBy(() -> Endpoint.parse("https://a", Optional.of(Path.of("ca")), Optional.of(PIN), false))
                .isInstanceOf(BadSetting.class);
    }

    @Test
    void tellsHowItIsProtected() {
        assertThat(Endpoint.parse("http://a", Optional.empty(), Optional.empty(), false)
                        .tlsMode())
                .isEqualTo("none");
        assertThat(Endpoint.parse("https://a", Optional.empty(), Optional.empty(), false)
                        .tlsMode())
                .isEqualTo("ca");
        assertThat(Endpoint.parse("https://a", Optional.empty(), Optional.of(PIN), false)
                        .tlsMode())
                .isEqualTo("pinned");
        assertThat(Endpoint.parse("https://a", Optional.empty(), Optional.of(" "), true)
                        .tlsMode())
                .isEqualTo("insecure");
    }

    private static URI parse(String url, String pin) {
        return Endpoint.parse(url, Optional.empty(), Optional.ofNullable(pin), false)
                .url();
    }
}
