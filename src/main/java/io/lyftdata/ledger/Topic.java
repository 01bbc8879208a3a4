package io.lyftdata.ledger;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** What entries are about; of each topic and subject the last entry counts. */
public enum Topic {
    /** Subject: its id. */
    WORKER("isolated", "released", "removed", "readmitted"),
    /** Subject: the key's public id. */
    API_KEY("revoked"),
    /** Subject: the token's public id. */
    TOKEN("revoked"),
    /** Subject: the account; its sessions that began before the fact {@code before} have ended. */
    SESSION("cut-off"),
    /** Subject: its name. */
    ACCOUNT("removed", "added"),
    /** Subject: the account; a password older than the fact {@code changedAt} is no longer its. */
    PASSWORD("changed"),
    /** Subject: the secret's fingerprint. */
    ENROLLMENT_SECRET("retired"),
    ENROLLMENT("off", "on"),
    /** Subject: its pin. */
    CA("retired"),
    LOCKDOWN("on", "off"),
    /** The fact {@code number} counts them. */
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
