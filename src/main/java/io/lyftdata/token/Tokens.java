package io.lyftdata.token;

import io.lyftdata.api.Accounts.IssueToken;
import io.lyftdata.api.Accounts.IssuedToken;
import io.lyftdata.api.Code;
import io.lyftdata.api.Page;
import io.lyftdata.api.Refusal;
import io.lyftdata.audit.Action;
import io.lyftdata.audit.Audit;
import io.lyftdata.audit.Event;
import io.lyftdata.audit.Restrictions;
import io.lyftdata.auth.Addresses;
import io.lyftdata.auth.Caller;
import io.lyftdata.auth.Role;
import io.lyftdata.crypto.KeyString;
import io.lyftdata.db.Database;
import io.lyftdata.db.Paging;
import io.lyftdata.ledger.Change;
import io.lyftdata.ledger.Entry;
import io.lyftdata.ledger.Ledger;
import io.lyftdata.ledger.Topic;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.jdbi.v3.core.Handle;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Issues, lists and revokes API tokens; each ends within 366 days. Safe for use by many threads. */
public final class Tokens {
    private static final Logger LOG = LoggerFactory.getLogger(Tokens.class);
    private static final Duration MAX_LIFE = Duration.ofDays(366);
    private static final Duration USE_GRAIN = Duration.ofMinutes(1);
    private static final int MAX_NAME = 64;
    private static final int MAX_SOURCES = 100;
    private static final String KEEPS = "keeps";

    private final Database database;
    private final Audit audit;
    private final Restrictions restrictions;
    private final Clock clock;
    private final TokenRows rows = new TokenRows();

    public Tokens(Database database, Audit audit, Restrictions restrictions, Clock clock) {
        this.database = database;
        this.audit = audit;
        this.restrictions = restrictions;
        this.clock = clock;
    }

    public Page<io.lyftdata.api.Accounts.Token> list(Paging paging) {
        List<Token> found = database.read(tx -> tx.attach(TokenDao.class).list(paging.after(), paging.limit() + 1));
        Instant now = clock.instant();
        return paging.page(
                found.stream().map(token -> token.view(now, isRevoked(token))).toList(),
                io.lyftdata.api.Accounts.Token::id);
    }

    /** The answer is the only place where the token itself is ever seen. */
    public IssuedToken issue(Caller caller, IssueToken wish) {
        Role role = role(caller, wish.role());
        List<String> sources = sources(wish.sources());
        KeyString key = KeyString.generate(KeyString.Kind.API_TOKEN);
        Instant now = clock.instant();
        Token token = new Token(
                key.id(),
                name(wish.name()),
                role,
                caller.id(),
                sources,
                key.hash(),
                now,
                now.plus(life(wish.expiresInSeconds())),
                null,
                null,
                restrictions.ledger().position().sequence());
        database.write(tx -> {
            tx.attach(TokenDao.class).insert(token, sources);
            audit.record(tx, caller, issued(token));
            return token;
        });
        LOG.info("token {} issued by {} with role {} until {}", key.id(), caller.id(), role.wire(), token.expiresAt());
        return new IssuedToken(key.id(), key.reveal(), token.expiresAt());
    }

    /** A token that is revoked already stays so. */
    public void revoke(Caller caller, String id) {
        Token token = find(id).orElseThrow(
                        () -> new Refusal(Code.NOT_FOUND, "there is no such token; lyftdata tokens list shows them"));
        if (token.revokedAt() == null) {
            restrictions.restrict(caller, List.of(new Change(Topic.TOKEN, id, "revoked")), tx -> revoke(tx, id));
            LOG.info("token {} revoked by {}", id, caller.id());
        }
    }

    /**
     * Revokes every token but the one that the caller uses, unless all were revoked since the order was given.
     *
     * @return how many were
     */
    public int revokeAll(Caller caller, Instant orderedAt) {
        Ledger ledger = restrictions.ledger();
        if (ledger.last(Topic.TOKEN, Change.ALL)
                .filter(entry -> !entry.time().isBefore(orderedAt))
                .isPresent()) {
            return 0;
        }
        String kept = caller.kind() == Caller.Kind.TOKEN ? caller.keyId() : "";
        Change all = new Change(Topic.TOKEN, Change.ALL, "revoked");
        AtomicInteger ended = new AtomicInteger();
        restrictions.restrict(caller, List.of(kept.isEmpty() ? all : all.with(KEEPS, kept)), tx -> {
            rows.change(tx);
            ended.set(tx.attach(TokenDao.class).revokeOthers(kept, clock.instant()));
            return Event.of(Action.TOKENS_REVOKED, "").set("tokens", ended.get());
        });
        LOG.info("{} revoked {} tokens", caller.id(), ended);
        return ended.get();
    }

    private Event revoke(Handle tx, String id) {
        rows.change(tx);
        tx.attach(TokenDao.class).revoke(id, clock.instant());
        return Event.of(Action.TOKEN_REVOKED, id);
    }

    /** Whether it is, by the database or the ledger. */
    boolean isRevoked(Token token) {
        return token.revokedAt() != null || revocation(token).isPresent();
    }

    private Optional<Entry> revocation(Token token) {
        Ledger ledger = restrictions.ledger();
        return ledger.last(Topic.TOKEN, token.id())
                .or(() -> ledger.since(Topic.TOKEN, Change.ALL, token.ledger())
                        .filter(entry -> !token.id().equals(entry.fact(KEEPS))))
                .or(() -> ledger.since(Topic.ACCOUNT, token.owner(), token.ledger()));
    }

    /** Revokes what the ledger says is revoked. */
    public void follow(Handle tx) {
        for (Token token : tx.attach(TokenDao.class).live()) {
            revocation(token).ifPresent(entry -> restrictions.replay(tx, revoke(tx, token.id()), entry));
        }
    }

    /** In the caller's transaction: who is no longer a user leaves no token behind. */
    public int revokeOwnedBy(Handle tx, String owner) {
        rows.change(tx);
        return tx.attach(TokenDao.class).revokeOwnedBy(owner, clock.instant());
    }

    private static Event issued(Token token) {
        return Event.of(Action.TOKEN_ISSUED, token.id())
                .set("name", token.name())
                .set("role", token.role().wire())
                .set("sources", token.sources())
                .set("expiresAt", token.expiresAt());
    }

    Optional<Token> find(String id) {
        return rows.find(id, () -> database.read(tx -> tx.attach(TokenDao.class).find(id)));
    }

    void use(Token token) {
        Instant now = clock.instant();
        if (token.lastUsedAt() == null || now.isAfter(token.lastUsedAt().plus(USE_GRAIN))) {
            database.write(tx -> {
                rows.change(tx);
                tx.attach(TokenDao.class).use(token.id(), now);
                return token;
            });
        }
    }

    private static String name(String name) {
        if (name == null || name.isBlank() || name.length() > MAX_NAME || !name.matches("[ -~]*")) {
            throw new Refusal(
                    Code.UNPROCESSABLE, "name must say what the token is for, in 1 to 64 printable ASCII characters");
        }
        return name;
    }

    private static Role role(Caller caller, String name) {
        Role role = Role.ofPerson(name)
                .orElseThrow(() -> new Refusal(Code.UNPROCESSABLE, "role must be admin, operator or viewer"));
        if (!caller.role().includes(role)) {
            throw new Refusal(Code.ROLE_MISSING, "a token cannot have a higher role than who issues it");
        }
        return role;
    }

    private static Duration life(long seconds) {
        if (seconds < 1 || seconds > MAX_LIFE.toSeconds()) {
            throw new Refusal(Code.UNPROCESSABLE, "expiresInSeconds must be from 1 to 31622400, which is 366 days");
        }
        return Duration.ofSeconds(seconds);
    }

    private static List<String> sources(List<String> sources) {
        if (sources == null) {
            return List.of();
        }
        if (sources.size() > MAX_SOURCES) {
            throw new Refusal(Code.UNPROCESSABLE, "sources are at most " + MAX_SOURCES + "; list networks instead");
        }
        try {
            return sources.stream()
                    .map(source -> Addresses.network(String.valueOf(source)).toCanonicalString())
                    .toList();
        } catch (IllegalArgumentException e) {
            throw new Refusal(
                    Code.UNPROCESSABLE, "sources must be addresses or networks, such as 192.0.2.7 or 2001:db8::/64");
        }
    }
}
