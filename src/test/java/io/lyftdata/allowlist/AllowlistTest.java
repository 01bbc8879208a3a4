package io.lyftdata.allowlist;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lyftdata.auth.Addresses;
import io.lyftdata.auth.Origin;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AllowlistTest {
    private static Origin at(String address) {
        return new Origin(Addresses.address(address), Optional.empty());
    }

    private static Allowlist of(String... entries) {
        return new Allowlist(Allowlist.parse(List.of(entries), List.of()), entry -> {});
    }

    @Test
    void anEmptyListOpensToNobody() {
        Allowlist nobody = of();
        assertThat(nobody.allows(at("127.0.0.1"), "metrics")).isFalse();
        assertThat(nobody.allows(at("::1"), "logs")).isFalse();
    }

    @Test
    void entriesOpenWhatTheySay() {
        Allowlist list = of("192.0.2.1", "192.0.2.2=metrics", "192.0.2.3=logs", "198.51.100.0/24", "2001:db8::/64");
        assertThat(list.allows(at("192.0.2.1"), "metrics")).isTrue();
        assertThat(list.allows(at("192.0.2.1"), "logs")).isTrue();
        assertThat(list.allows(at("192.0.2.2"), "metrics")).isTrue();
        assertThat(list.allows(at("192.0.2.2"), "logs")).isFalse();
        assertThat(list.allows(at("192.0.2.3"), "metrics")).isFalse();
        assertThat(list.allows(at("192.0.2.3"), "logs")).isTrue();
        assertThat(list.allows(at("198.51.100.255"), "logs")).isTrue();
        assertThat(list.allows(at("198.51.101.0"), "logs")).isFalse();
        assertThat(list.allows(at("2001:db8::ffff"), "logs")).isTrue();
        assertThat(list.allows(at("2001:db8:0:1::"), "logs")).isFalse();
        assertThat(list.allows(at("::ffff:192.0.2.1"), "logs")).isTrue();
        assertThat(list.allows(at("192.0.2.1"), "")).isFalse();
        assertThat(list.allows(at("192.0.2.1"), "other")).isFalse();
    }

    @Test
    void anUnknownAddressIsNotListed() {
        Allowlist list = of("10.0.0.7");
        assertThat(list.allows(new Origin(Optional.empty(), Addresses.address("10.0.0.7")), "metrics"))
                .isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "192.0.2.0/23", "10.0.0.0/8", "0.0.0.0/0", "2001:db8::/63", "2001:db8::/32", "::/0",
                        "::ffff:10.0.0.0/104",
                "192.0.2.1/24", "localhost", "", "192.0.2.1=", "192.0.2.1=all", "192.0.2.1=METRICS",
                        "192.0.2.1=metrics=logs",
                "192.0.2.1 =logs", "=metrics", "010.0.0.1", "127.1", "*", "fe80::1%eth0"
            })
    void wideAndAmbiguousEntriesAreRefusedByName(String entry) {
        assertThatThrownBy(() -> of("192.0.2.9", entry))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("`");
    }

    @ParameterizedTest
    @CsvSource({
        "10.0.0.7,10.0.0.7",
        "10.0.0.7=logs,10.0.0.0/8",
        "10.0.0.0/24,10.0.0.7",
        "::ffff:10.0.0.7,10.0.0.7",
        "2001:db8::1,2001:db8::/32",
    })
    void aTrustedProxyIsNoCollector(String entry, String proxy) {
        assertThatThrownBy(() -> Allowlist.parse(List.of("192.0.2.9", entry), Addresses.networks(List.of(proxy))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("`" + entry + "` is also a trusted proxy");
        Allowlist.parse(List.of("192.0.2.9"), Addresses.networks(List.of(proxy)));
    }

    @Test
    void aReplacedListCountsAtOnce() {
        Allowlist list = of("192.0.2.1");
        list.replace(Allowlist.parse(List.of("192.0.2.2"), List.of()));
        assertThat(list.allows(at("192.0.2.1"), "logs")).isFalse();
        assertThat(list.allows(at("192.0.2.2"), "logs")).isTrue();
    }
}
