package io.lyftdata.ledger;

import java.util.Collection;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** The last entry of each topic and subject; reading takes no lock. Safe for use by many threads. */
final class State {
    private final Map<Topic, Map<String, Entry>> topics = new EnumMap<>(Topic.class);

    State() {
        for (Topic topic : Topic.values()) {
            topics.put(topic, new ConcurrentHashMap<>());
        }
    }

    void put(Entry entry) {
        topics.get(entry.change().topic()).put(entry.change().subject(), entry);
    }

    Optional<Entry> last(Topic topic, String subject) {
        return Optional.ofNullable(topics.get(topic).get(subject));
    }

    Collection<Entry> all(Topic topic) {
        return topics.get(topic).values();
    }

    /** Whether no later entry has taken its place. */
    boolean counts(Entry entry) {
        return topics.get(entry.change().topic()).get(entry.change().subject()).sequence() == entry.sequence();
    }

    long size() {
        return topics.values().stream().mapToLong(Map::size).sum();
    }
}
