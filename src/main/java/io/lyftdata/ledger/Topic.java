package io.lyftdata.ledger;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** What entries are about; of each topic and subject the last entry counts. */
public enum Topic {
    /** Subject: its id. The fact {@code identity} is its identity key's, by which it must not come in under another. */
    WORKER("isolated", "released", "removed", "readmitted"),
    /** Subject: the public key of an identity that was a worker's, and never is one's again. */
    IDENTITY("ended"),
    /** Subject: the key's public id. */
    API_KEY("revoked"),
    /** Subject: the token's public id, or all that were issued before, but for that in the fact {@code keeps}. */
    TOKEN("revoked"),
    /** Subject: the account, or all; sessions that began before have ended, but for that in the fact {@code keeps}. */
    SESSION("cut-off"),
    /** Subject: its name; an account of that name with a later {@code generation} is another one. */
    ACCOUNT("removed"),
    /** Subject: the account; a password of an earlier {@code generation} is no longer its. */
    PASSWORD("changed"),
    /** Subject: the secret's fingerprint. */
    ENROLLMENT_SECRET("retired"),
    ENROLLMENT("off", "on"),
    /** Subject: its pin. */
    CA("retired"),
    LOCKDOWN("on", "off"),
    /** Keys of workers that were made before are refused until they are renewed; its sequence is its number. */
    EPOCH("begun");

    @SuppressWarnings("ImmutableEnumChecker") // made by Set.of
    private final Set<String> words;

    Topic(String... words) {
        this.words = Set.of(words);
    }

    boolean allows(String what) {
        return words.contains(what);
    }

    String tag() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** Empty when it is none that this version knows. */
    static Optional<Topic> of(String tag) {
        return Arrays.stream(values()).filter(topic -> topic.tag().equals(tag)).findFirst();
    }
}
