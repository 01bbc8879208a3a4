package io.lyftdata.incident;

import io.lyftdata.api.backup.Backups.View;
import io.lyftdata.audit.Restrictions;
import io.lyftdata.db.Database;
import io.lyftdata.incident.ReviewDao.Tally;
import io.lyftdata.ledger.Change;
import io.lyftdata.ledger.Entry;
import io.lyftdata.ledger.Topic;
import java.time.Instant;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** What has changed since a time or a backup, in numbers and names. Safe for use by many threads. */
public final class Review {
    /** What the ledger keeps, whatever is restored. */
    private enum Kept {
        ISOLATED(Topic.WORKER, "isolated", "isolated"),
        RELEASED(Topic.WORKER, "released", "released"),
        REMOVED(Topic.WORKER, "removed", "workers removed"),
        KEYS(Topic.API_KEY, "revoked", "keys revoked of"),
        TOKENS(Topic.TOKEN, "revoked", "API tokens revoked"),
        USERS(Topic.ACCOUNT, "removed", "users removed"),
        PASSWORDS(Topic.PASSWORD, "changed", "passwords changed or ended of"),
        SECRETS(Topic.ENROLLMENT_SECRET, "retired", "enrollment secrets retired"),
        AUTHORITIES(Topic.CA, "retired", "CAs retired");

        private final Topic topic;
        private final String what;
        private final String words;

        Kept(Topic topic, String what, String words) {
            this.topic = topic;
            this.what = what;
            this.words = words;
        }
    }

    /**
     * Who or what it is about, as a fact.
     *
     * @param count of all
     * @param names of the first 100
     */
    record Named(long count, List<String> names) {
        private static final int MOST = 100;
        private static final int MOST_IN_WORDS = 5;

        private static Named of(Collection<String> all) {
            return new Named(all.size(), all.stream().sorted().limit(MOST).toList());
        }

        /** A few names, and how many more there are. */
        String inWords() {
            String few = names.stream().limit(MOST_IN_WORDS).collect(Collectors.joining(", "));
            return count > MOST_IN_WORDS ? few + " and " + (count - MOST_IN_WORDS) + " more" : few;
        }
    }

    private final Database database;
    private final Restrictions restrictions;

    public Review(Database database, Restrictions restrictions) {
        this.database = database;
        this.restrictions = restrictions;
    }

    /** What was recorded since then, and by whom; the tallies add up to all records. */
    Map<String, Object> since(Instant time) {
        return database.read(tx -> {
            ReviewDao dao = tx.attach(ReviewDao.class);
            long after = dao.first(time).orElse(Long.MAX_VALUE) - 1;
            Map<String, Object> facts = changed(dao, after);
            facts.put("byActor", tallies(dao.byActor(after), dao.done(after)));
            facts.put("refusedByAddress", tallies(dao.refusedByAddress(after), dao.refused(after)));
            return facts;
        });
    }

    /** What its restore would take back. */
    Map<String, Object> takenBack(View backup) {
        return database.read(tx -> {
            ReviewDao dao = tx.attach(ReviewDao.class);
            long after = last(dao, backup);
            Map<String, Object> facts = changed(dao, after);
            Set<String> renewed = new TreeSet<>(dao.renewed(dao.timeOf(after).orElse(Instant.EPOCH)));
            renewed.removeAll(joined(dao, after));
            facts.put("renewedKeys", Named.of(renewed));
            return facts;
        });
    }

    /** What has restricted or released since, and stays so for the ledger has it: in words, who. */
    Map<String, Named> kept(View backup) {
        return database.read(tx -> {
            ReviewDao dao = tx.attach(ReviewDao.class);
            long after = dao.ledgerAt(last(dao, backup)).orElse(0L);
            Map<String, String> owners = dao.owners();
            Map<String, Named> all = new LinkedHashMap<>();
            for (Kept kept : Kept.values()) {
                Set<String> names = restrictions.ledger().all(kept.topic).stream()
                        .filter(entry -> entry.sequence() > after && entry.says(kept.what))
                        .map(entry -> name(entry, owners))
                        .collect(Collectors.toCollection(TreeSet::new));
                if (!names.isEmpty()) {
                    all.put(kept.words, Named.of(names));
                }
            }
            return all;
        });
    }

    private static String name(Entry entry, Map<String, String> owners) {
        String subject = entry.change().subject();
        return switch (entry.change().topic()) {
            case API_KEY -> subject.equals(Change.ALL) ? "every worker" : owners.getOrDefault(subject, subject);
            case ENROLLMENT_SECRET -> entry.fact("id") == null ? subject : entry.fact("id");
            default -> subject.equals(Change.ALL) ? "all" : subject;
        };
    }

    /** Of the records that it holds. */
    private static long last(ReviewDao dao, View backup) {
        return backup.auditPosition() == null
                ? dao.first(backup.createdAt()).orElse(Long.MAX_VALUE) - 1
                : backup.auditPosition();
    }

    private static Map<String, Object> changed(ReviewDao dao, long after) {
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("records", dao.done(after) + dao.refused(after));
        facts.put("settings", dao.settings(after));
        facts.put("newWorkers", Named.of(joined(dao, after)));
        facts.put("newUsers", Named.of(dao.subjects(after, List.of("USER_ADDED"))));
        return facts;
    }

    private static List<String> joined(ReviewDao dao, long after) {
        return dao.subjects(after, List.of("WORKER_ADDED", "WORKER_ADMITTED"));
    }

    private static Map<String, Long> tallies(List<Tally> most, long all) {
        Map<String, Long> tallies = new LinkedHashMap<>();
        most.forEach(tally -> tallies.put(tally.what().isEmpty() ? "no address" : tally.what(), tally.records()));
        long named = most.stream().mapToLong(Tally::records).sum();
        if (all > named) {
            tallies.put("others", all - named);
        }
        return tallies;
    }
}
