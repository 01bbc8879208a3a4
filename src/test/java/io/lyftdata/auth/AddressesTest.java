package io.lyftdata.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import inet.ipaddr.IPAddress;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AddressesTest {
    @ParameterizedTest
    @CsvSource({
        "127.0.0.1,127.0.0.1",
        "0.0.0.0,0.0.0.0",
        "255.255.255.255,255.255.255.255",
        "192.0.2.7/32,192.0.2.7",
        "192.0.2.0/24,192.0.2.0/24",
        "10.0.0.0/8,10.0.0.0/8",
        "::,::",
        "::1,::1",
        "::1/128,::1",
        "2001:db8::1,2001:db8::1",
        "2001:DB8::A,2001:db8::a",
        "2001:0db8:0000:0000:0000:0000:0000:0001,2001:db8::1",
        "2001:db8:0:0:0:0:0:1,2001:db8::1",
        "2001:db8::/32,2001:db8::/32",
        "2001:db8:0:1::/64,2001:db8:0:1::/64",
        "fe80::1,fe80::1",
        "::ffff:192.0.2.7,192.0.2.7",
        "::FFFF:c000:0207,192.0.2.7",
        "0:0:0:0:0:ffff:192.0.2.7,192.0.2.7",
        "::ffff:192.0.2.0/120,192.0.2.0/24",
        "::ffff:192.0.2.7/128,192.0.2.7",
        "64:ff9b::192.0.2.7,64:ff9b::c000:207",
    })
    void oneSpellingHasOneMeaning(String text, String canonical) {
        assertThat(Addresses.network(text).toCanonicalString()).isEqualTo(canonical);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "*",
                "-",
                "/",
                "/24",
                "all",
                "localhost",
                "example.org",
                "010.0.0.1",
                "192.0.2.07",
                "192.000.2.7",
                "0300.0.2.7",
                "0xc0.0.2.7",
                "0xc0000207",
                "3221225991",
                "2130706433",
                "127.1",
                "127.0.1",
                "1",
                "127",
                "127.0.0.1.",
                ".127.0.0.1",
                "127.0.0.1.1",
                "127..0.1",
                "256.0.0.1",
                "127.0.0.256",
                "127.0.0.-1",
                "127.0.0.1-5",
                "127.0.0.*",
                "127.0.0._",
                "127.0.0.1 ",
                " 127.0.0.1",
                "127.0.0.1\n",
                "127.0.0.1\t",
                "127.0.0.1\0",
                "+127.0.0.1",
                "127.0.0.1:80",
                "127,0,0,1",
                "\u0661\u0662\u0667.0.0.1",
                "\uff11\uff12\uff17.0.0.1",
                "127\u30020.0.1",
                "[127.0.0.1]",
                "[::1]",
                "::1%lo",
                "fe80::1%eth0",
                "fe80::1%25eth0",
                "::1%",
                ":::",
                ":",
                "1::2::3",
                "1:2:3:4:5:6:7",
                "1:2:3:4:5:6:7:8:9",
                "12345::",
                "::g",
                "00001::",
                "::00001",
                "0x1::",
                "::127.1",
                "::ffff:127.1",
                "::ffff:010.0.0.1",
                "::ffff:0x7f.0.0.1",
                "::ffff:2130706433",
                "1080:0:0:0:8:800:200C:417A-",
                "4)+k&C#VzJ4br>0wv%Yp",
                "0b01111111.0.0.1",
                "2001-db8--1.ipv6-literal.net",
                "192.0.2.0/",
                "192.0.2.0/024",
                "192.0.2.0/33",
                "192.0.2.0/-1",
                "192.0.2.0/255.255.255.0",
                "192.0.2.0/24/24",
                "2001:db8::/129",
                "2001:db8::/064",
                "2001:db8::/64%1",
                "192.0.2.0/ 24",
                "0.0.0.0/0",
                "::/0",
            })
    void ambiguousSpellingsAreRefused(String text) {
        assertThatThrownBy(() -> Addresses.network(text)).isInstanceOf(IllegalArgumentException.class);
        assertThat(Addresses.address(text)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"192.0.2.7/24", "10.0.0.1/8", "2001:db8::1/64", "::ffff:192.0.2.7/120", "1.0.0.0/1"})
    void bitsBehindThePrefixAreRefusedWithTheNetworkThatWasMeant(String text) {
        assertThatThrownBy(() -> Addresses.network(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(text)
                .hasMessageContaining("write `");
    }

    @Test
    void anAddressIsNoNetwork() {
        assertThat(Addresses.address("192.0.2.0/24")).isEmpty();
        assertThat(Addresses.address("192.0.2.7/32")).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "127.0.0.1,127.0.0.1",
        "[0:0:0:0:0:0:0:1],::1",
        "0:0:0:0:0:0:0:1,::1",
        "[::1],::1",
        "[fe80:0:0:0:0:0:0:1%eth0],fe80::1",
        "fe80::1%2,fe80::1",
        "[::ffff:127.0.0.1],127.0.0.1",
    })
    void peersAreReadAsThePlatformWritesThem(String text, String canonical) {
        assertThat(Addresses.ofPeer(text).map(IPAddress::toCanonicalString)).contains(canonical);
    }

    @Test
    void aPeerThatIsNoAddressIsUnknown() {
        assertThat(Addresses.ofPeer(null)).isEmpty();
        assertThat(Addresses.ofPeer("")).isEmpty();
        assertThat(Addresses.ofPeer("unix:")).isEmpty();
        assertThat(Addresses.ofPeer("[::1")).isEmpty();
    }

    @Test
    void mappedAddressesAreInsideTheirIpv4Network() {
        IPAddress network = Addresses.network("192.0.2.0/24");
        assertThat(network.contains(Addresses.address("::ffff:192.0.2.9").orElseThrow()))
                .isTrue();
        assertThat(network.contains(Addresses.address("::ffff:192.0.3.9").orElseThrow()))
                .isFalse();
        assertThat(network.contains(Addresses.address("::192.0.2.9").orElseThrow()))
                .isFalse();
        assertThat(Addresses.network("::/1").contains(Addresses.network("192.0.2.9")))
                .isFalse();
    }

    @Test
    void strangersTextNeverBreaksTheParser() {
        Random random = new Random(20261123);
        String alphabet = "0123456789abcdefxABF.:/%[]*-_ ,\u0660\0";
        for (int i = 0; i < 5_000; i++) {
            StringBuilder text = new StringBuilder();
            for (int length = random.nextInt(24); length > 0; length--) {
                text.append(alphabet.charAt(random.nextInt(alphabet.length())));
            }
            Optional<IPAddress> address = Addresses.address(text.toString());
            address.ifPresent(found ->
                    assertThat(Addresses.address(found.toCanonicalString())).contains(found));
            assertThatCode(() -> Addresses.ofPeer(text.toString())).doesNotThrowAnyException();
        }
    }
}
