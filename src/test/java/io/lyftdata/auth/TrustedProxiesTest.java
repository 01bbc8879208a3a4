package io.lyftdata.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import inet.ipaddr.IPAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TrustedProxiesTest {
    private static final String UNKNOWN = "unknown";

    private final TrustedProxies plain = proxies(TrustedProxies.Header.X_FORWARDED_FOR);
    private final TrustedProxies standard = proxies(TrustedProxies.Header.FORWARDED);

    private static TrustedProxies proxies(TrustedProxies.Header header) {
        return new TrustedProxies(Addresses.networks(List.of("10.0.0.0/24", "fd00::1")), header);
    }

    private static String resolve(TrustedProxies proxies, String peer, String... lines) {
        return proxies.resolve(Addresses.ofPeer(peer), List.of(lines)).text();
    }

    @Test
    void aPeerThatIsNoProxySpeaksForItself() {
        assertThat(resolve(plain, "192.0.2.1", "203.0.113.9")).isEqualTo("192.0.2.1");
        assertThat(plain.resolve(Addresses.ofPeer("192.0.2.1"), List.of("203.0.113.9"))
                        .proxy())
                .isEmpty();
        assertThat(resolve(plain, "[0:0:0:0:0:0:0:1]", "203.0.113.9")).isEqualTo("::1");
        assertThat(resolve(standard, "192.0.2.1", "for=203.0.113.9")).isEqualTo("192.0.2.1");
    }

    @Test
    void aProxySpeaksForItsClient() {
        Origin origin = plain.resolve(Addresses.ofPeer("10.0.0.7"), List.of("203.0.113.9"));
        assertThat(origin.text()).isEqualTo("203.0.113.9");
        assertThat(origin.proxy().map(IPAddress::toCanonicalString)).contains("10.0.0.7");
        assertThat(resolve(plain, "[fd00:0:0:0:0:0:0:1]", "2001:db8::9")).isEqualTo("2001:db8::9");
        assertThat(resolve(plain, "::ffff:10.0.0.7", "203.0.113.9")).isEqualTo("203.0.113.9");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "203.0.113.9, 10.0.0.8|203.0.113.9",
                "127.0.0.1, 203.0.113.9|203.0.113.9",
                "127.0.0.1, 203.0.113.9,10.0.0.8 ,\t10.0.0.9|203.0.113.9",
                "garbage, 203.0.113.9|203.0.113.9",
                ", 203.0.113.9|203.0.113.9",
                "203.0.113.9:4711|203.0.113.9",
                "[2001:db8::9]|2001:db8::9",
                "[2001:db8::9]:443|2001:db8::9",
                "::ffff:203.0.113.9|203.0.113.9",
                "203.0.113.9, garbage|unknown",
                "203.0.113.9,|unknown",
                "203.0.113.9, |unknown",
                "203.0.113.9, garbage, 10.0.0.8|unknown",
                "10.0.0.8|unknown",
                "10.0.0.8, 10.0.0.9|unknown",
                "unknown|unknown",
                "010.0.113.9|unknown",
                "203.0.113.9 10.0.0.8|unknown",
                "203.0.113.9;10.0.0.8|unknown",
                "203.0.113.0/24|unknown",
                "fe80::1%eth0|unknown",
                "[203.0.113.9]|unknown",
                "\"203.0.113.9\"|unknown",
                "for=203.0.113.9|unknown",
            })
    void theRightMostHopThatIsNoProxyCounts(String line, String expected) {
        assertThat(resolve(plain, "10.0.0.7", line)).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "for=203.0.113.9|203.0.113.9",
                "For=203.0.113.9;proto=https;by=10.0.0.7|203.0.113.9",
                "proto=http;for=203.0.113.9|203.0.113.9",
                "for=127.0.0.1, for=203.0.113.9|203.0.113.9",
                "for=127.0.0.1, for=203.0.113.9;host=a , for=10.0.0.8|203.0.113.9",
                "for=\"203.0.113.9:4711\"|203.0.113.9",
                "for=\"[2001:db8::9]\"|2001:db8::9",
                "for=\"[2001:db8::9]:443\";host=\"a, for=127.0.0.1\"|2001:db8::9",
                "for=\"203.0.\\113.9\"|203.0.113.9",
                "for=203.0.113.9:4711|unknown",
                "for=[2001:db8::9]|unknown",
                "for=2001:db8::9|unknown",
                "for=\"_hidden\"|unknown",
                "for=unknown|unknown",
                "for=127.0.0.1, for=_secret|unknown",
                "for=127.0.0.1, proto=https|unknown",
                "for=127.0.0.1;for=203.0.113.9|unknown",
                "for=127.0.0.1,|unknown",
                "for=127.0.0.1;|unknown",
                "for = 203.0.113.9|unknown",
                "for=\"203.0.113.9|unknown",
                "for=\"a, for=203.0.113.9|unknown",
                "for=\"a, for=\"[2001:db8::9]\"|unknown",
                "203.0.113.9|unknown",
                "for=|unknown",
                ",|unknown",
            })
    void theStandardHeaderIsReadByItsGrammar(String line, String expected) {
        assertThat(resolve(standard, "10.0.0.7", line)).isEqualTo(expected);
    }

    @Test
    void whatAProxyDoesNotSayIsUnknownAndNeverItsOwnAddress() {
        for (TrustedProxies proxies : List.of(plain, standard)) {
            Origin origin = proxies.resolve(Addresses.ofPeer("10.0.0.7"), List.of());
            assertThat(origin.address()).isEmpty();
            assertThat(origin.proxy()).isPresent();
            assertThat(resolve(proxies, "10.0.0.7", "")).isEqualTo(UNKNOWN);
        }
    }

    @Test
    void linesAreJoinedInOrder() {
        assertThat(resolve(plain, "10.0.0.7", "127.0.0.1", "203.0.113.9")).isEqualTo("203.0.113.9");
        assertThat(resolve(plain, "10.0.0.7", "127.0.0.1, 203.0.113.9", "10.0.0.8", "10.0.0.9"))
                .isEqualTo("203.0.113.9");
        assertThat(resolve(plain, "10.0.0.7", "203.0.113.9", "")).isEqualTo(UNKNOWN);
        assertThat(resolve(standard, "10.0.0.7", "for=127.0.0.1", "for=203.0.113.9"))
                .isEqualTo("203.0.113.9");
        assertThat(resolve(standard, "10.0.0.7", "for=\"", "for=203.0.113.9")).isEqualTo("203.0.113.9");
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 10, 50})
    void anyNumberOfHopsIsWalked(int hops) {
        String[] proxiesBehind = new String[hops];
        Arrays.setAll(proxiesBehind, i -> "10.0.0." + (i + 1));
        String line = "198.51.100.1, 203.0.113.9, " + String.join(", ", proxiesBehind);
        assertThat(resolve(plain, "10.0.0.99", line)).isEqualTo("203.0.113.9");
        String forwarded = "for=" + line.replace(", ", ", for=");
        assertThat(resolve(standard, "10.0.0.99", forwarded)).isEqualTo("203.0.113.9");
    }

    @Test
    void nothingThatAClientWritesReachesBehindWhatItsProxyAdds() {
        Random random = new Random(20261123);
        List<String> pieces = List.of(
                "127.0.0.1",
                "for=127.0.0.1",
                ",",
                ";",
                "\"",
                "\\",
                " ",
                "\t",
                "=",
                "for=",
                "[",
                "]",
                ":",
                "::1",
                "10.0.0.8",
                "for=\"[::1]\"",
                "by=",
                "host=\"",
                "%");
        List<String> allowed = List.of("203.0.113.9", UNKNOWN);
        for (int i = 0; i < 20_000; i++) {
            List<String> chosen = new ArrayList<>();
            for (int length = random.nextInt(8); length > 0; length--) {
                chosen.add(pieces.get(random.nextInt(pieces.size())));
            }
            String client = String.join("", chosen);
            assertThat(resolve(plain, "10.0.0.7", client + ", 203.0.113.9")).isEqualTo("203.0.113.9");
            assertThat(resolve(plain, "10.0.0.7", client, "203.0.113.9")).isEqualTo("203.0.113.9");
            assertThat(allowed).contains(resolve(standard, "10.0.0.7", client + ", for=203.0.113.9"));
            assertThat(allowed).contains(resolve(standard, "10.0.0.7", client + ", for=\"203.0.113.9:80\""));
            assertThat(resolve(standard, "10.0.0.7", client, "for=203.0.113.9")).isEqualTo("203.0.113.9");
        }
    }

    @Test
    void theListCanBeReplaced() {
        plain.replace(Addresses.networks(List.of("192.0.2.1")));
        assertThat(resolve(plain, "10.0.0.7", "203.0.113.9")).isEqualTo("10.0.0.7");
        assertThat(resolve(plain, "192.0.2.1", "203.0.113.9")).isEqualTo("203.0.113.9");
    }

    @Test
    void onlyTwoHeadersCanBeChosen() {
        assertThat(TrustedProxies.Header.of("forwarded")).isEqualTo(TrustedProxies.Header.FORWARDED);
        assertThatThrownBy(() -> TrustedProxies.Header.of("X-Real-IP"))
                .hasMessage("`X-Real-IP` is not read: choose X-Forwarded-For or Forwarded");
    }
}
