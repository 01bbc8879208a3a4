package io.lyftdata.chain;

import io.lyftdata.api.Code;
import io.lyftdata.api.Refusal;
import io.lyftdata.api.audit.Checkpoint;
import io.lyftdata.api.audit.Verification;
import io.lyftdata.api.audit.Verification.Broken;
import io.lyftdata.api.audit.Verification.Fault;
import io.lyftdata.audit.AuditRecord;
import io.lyftdata.audit.Checkpoints;
import io.lyftdata.audit.Head;
import io.lyftdata.crypto.ChainLink;
import io.lyftdata.crypto.ChainWalk;
import io.lyftdata.db.Database;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Computes every hash anew and follows the chain, page by page: it holds no transaction over more than one page, so it
 * stops no write and no checkpoint of SQLite's. Safe for use by many threads.
 */
public final class ChainVerifier {
    private static final int PAGE = 4_000;
    private static final Pattern CURSOR = Pattern.compile("(\\d{1,15})-([0-9a-f]{1,64})-([0-9a-f]{64})");

    private final Database database;
    private final String installation;
    private final Checkpoints checkpoints;
    private final long most;

    /** @param most about how many records one answer is about */
    public ChainVerifier(Database database, String installation, Checkpoints checkpoints, long most) {
        this.database = database;
        this.installation = installation;
        this.checkpoints = checkpoints;
        this.most = most;
    }

    /** @param cursor the {@code next} of an earlier answer; null: from the chain's beginning */
    public Verification verify(String cursor) {
        Optional<Checkpoint> checkpoint = checkpoints.newest();
        if (checkpoint.isPresent() && !checkpoints.isGenuine(checkpoint.get())) {
            long position = checkpoint.get().position();
            return new Verification(0, 0, 0, checkpoint.get(), new Broken(position, Fault.UNSIGNED), null);
        }
        Verification verification = verify(checkpoint, cursor);
        // What was pruned meanwhile is missing by right.
        boolean isPruned =
                verification.broken() != null && !checkpoints.newest().equals(checkpoint);
        return isPruned ? verify(cursor) : verification;
    }

    private Verification verify(Optional<Checkpoint> checkpoint, String cursor) {
        long end = read(dao -> dao.last().orElse(0L));
        ChainWalk walk = start(checkpoint, cursor);
        long begun = walk.position();
        Broken broken = null;
        List<AuditRecord> page = page(begun);
        while (broken == null && walk.position() < Math.min(end, begun + most)) {
            if (page.isEmpty()) {
                broken = new Broken(walk.position() + 1, Fault.MISSING);
            } else {
                long behind = page.get(page.size() - 1).position();
                CompletableFuture<List<AuditRecord>> ahead = CompletableFuture.supplyAsync(() -> page(behind));
                broken = follow(walk, page);
                page = ahead.join();
            }
        }
        boolean isDone = broken != null || walk.position() >= end;
        return new Verification(
                walk.position() > begun ? begun + 1 : 0,
                walk.position(),
                end,
                checkpoint.orElse(null),
                broken,
                isDone ? null : walk.position() + "-" + walk.segment() + "-" + walk.hash());
    }

    private List<AuditRecord> page(long after) {
        return read(dao -> dao.after(after, PAGE));
    }

    /** What is wrong with the page first; null: nothing. */
    private Broken follow(ChainWalk walk, List<AuditRecord> page) {
        List<ChainLink> links = page.parallelStream().map(ChainVerifier::link).toList();
        for (int i = 0; i < links.size(); i++) {
            if (!walk.follow(links.get(i))) {
                return judge(walk, page.get(i), links.get(i));
            }
        }
        return null;
    }

    private ChainWalk start(Optional<Checkpoint> checkpoint, String cursor) {
        ChainWalk beginning = checkpoint
                .map(from -> new ChainWalk(from.position(), from.segment(), from.hash()))
                .orElseGet(this::genesis);
        if (cursor == null) {
            return beginning;
        }
        Matcher place = CURSOR.matcher(cursor);
        if (!place.matches()) {
            throw new Refusal(Code.UNPROCESSABLE, "cursor must be the next of an earlier answer");
        }
        long position = Long.parseLong(place.group(1));
        return position < beginning.position() ? beginning : new ChainWalk(position, place.group(2), place.group(3));
    }

    private ChainWalk genesis() {
        String segment = read(dao -> dao.after(0, 1)).stream()
                .map(AuditRecord::segment)
                .findFirst()
                .orElse("");
        Head head = Head.genesis(installation, segment);
        return new ChainWalk(head.position(), head.segment(), head.hash());
    }

    private Broken judge(ChainWalk walk, AuditRecord found, ChainLink link) {
        Optional<ChainLink> next =
                read(dao -> dao.after(found.position(), 1)).stream().findFirst().map(ChainVerifier::link);
        boolean isElsewhere = read(dao -> dao.standsOn(walk.hash(), found.position()));
        Optional<Long> earlier = read(dao -> dao.earliest(link.previous(), found.position()));
        return walk.judge(link, found.line(), next, isElsewhere, earlier);
    }

    private static ChainLink link(AuditRecord record) {
        return new ChainLink(
                record.position(),
                record.segment(),
                record.action(),
                record.previous(),
                record.hash(),
                record.hash().equals(record.computedHash()));
    }

    private <T> T read(Function<ChainDao, T> query) {
        return database.read(tx -> query.apply(tx.attach(ChainDao.class)));
    }
}
