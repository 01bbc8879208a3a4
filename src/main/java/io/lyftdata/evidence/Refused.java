package io.lyftdata.evidence;

import io.lyftdata.audit.AuditRecord;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** Sums up what was refused, by address. Used by one thread. */
public final class Refused {
    private static final int MOST_ATTEMPTS_SHOWN = 20;

    private final Map<String, From> addresses = new TreeMap<>();

    /**
     * @param address empty: further addresses, whose number was too great to tell them apart
     * @param attempts how many
     * @param codes how many of them by code
     * @param what the first few of what was tried, method and path
     */
    public record Address(
            String address, long attempts, Instant first, Instant last, Map<String, Long> codes, List<String> what) {}

    private static final class From {
        private final Instant first;
        private final Map<String, Long> codes = new TreeMap<>();
        private final Set<String> what = new TreeSet<>();
        private Instant last;
        private long attempts;

        private From(Instant first) {
            this.first = first;
        }

        private void add(AuditRecord record) {
            last = record.time();
            attempts += record.count();
            codes.merge(record.outcome(), record.count(), Long::sum);
            if (what.size() < MOST_ATTEMPTS_SHOWN) {
                what.add(record.subject());
            }
        }
    }

    public void add(AuditRecord record) {
        if (record.isRefusal()) {
            addresses
                    .computeIfAbsent(record.address(), address -> new From(record.time()))
                    .add(record);
        }
    }

    /** The most attempts first. */
    public List<Address> addresses() {
        return addresses.entrySet().stream()
                .map(entry -> address(entry.getKey(), entry.getValue()))
                .sorted(Comparator.comparingLong(Address::attempts).reversed())
                .toList();
    }

    private static Address address(String address, From from) {
        return new Address(
                address, from.attempts, from.first, from.last, Map.copyOf(from.codes), List.copyOf(from.what));
    }
}
