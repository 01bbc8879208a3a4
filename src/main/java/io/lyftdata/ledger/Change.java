package io.lyftdata.ledger;

import java.util.HashMap;
import java.util.Map;

/**
 * What is to be entered.
 *
 * @param subject what it happened to, within the topic
 * @param what one of the topic's words
 * @param facts few; never a secret
 */
public record Change(Topic topic, String subject, String what, Map<String, String> facts) {
    /** The subject of what is about all that the topic has; no account, worker or key is called so. */
    public static final String ALL = "*";

    public Change {
        if (!topic.allows(what)) {
            throw new IllegalArgumentException("the ledger's topic " + topic.tag() + " has no word " + what);
        }
        if (subject.isEmpty()) {
            throw new IllegalArgumentException("a change in the ledger has a subject");
        }
        facts = Map.copyOf(facts);
    }

    public Change(Topic topic, String subject, String what) {
        this(topic, subject, what, Map.of());
    }

    /** The same with one more fact. */
    public Change with(String fact, String value) {
        Map<String, String> more = new HashMap<>(facts);
        more.put(fact, value);
        return new Change(topic, subject, what, more);
    }
}
