package io.lyftdata.account;

import io.lyftdata.api.Accounts.AddUser;
import io.lyftdata.api.Accounts.User;
import io.lyftdata.api.Code;
import io.lyftdata.api.Page;
import io.lyftdata.api.Refusal;
import io.lyftdata.audit.Action;
import io.lyftdata.audit.Audit;
import io.lyftdata.audit.Event;
import io.lyftdata.audit.Restrictions;
import io.lyftdata.auth.Caller;
import io.lyftdata.auth.Role;
import io.lyftdata.config.Secret;
import io.lyftdata.crypto.PasswordHash;
import io.lyftdata.db.Database;
import io.lyftdata.db.Paging;
import io.lyftdata.ledger.Entry;
import io.lyftdata.token.Tokens;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jdbi.v3.core.Handle;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The users and their passwords; there is always an administrator. Safe for use by many threads. */
public final class Accounts {
    private static final Logger LOG = LoggerFactory.getLogger(Accounts.class);
    private static final Pattern NAME = Pattern.compile("[a-z0-9](?:[a-z0-9._-]{0,62}[a-z0-9])?");

    private final Database database;
    private final Audit audit;
    private final Restrictions restrictions;
    private final Generations generations;
    private final Clock clock;
    private final Tokens tokens;
    private final AdminPassword adminPassword;

    public Accounts(
            Database database,
            Audit audit,
            Restrictions restrictions,
            Clock clock,
            Tokens tokens,
            AdminPassword adminPassword) {
        this.database = database;
        this.audit = audit;
        this.restrictions = restrictions;
        this.generations = new Generations(restrictions);
        this.clock = clock;
        this.tokens = tokens;
        this.adminPassword = adminPassword;
    }

    public Page<User> list(Paging paging) {
        List<Account> found = database.read(tx -> tx.attach(AccountDao.class).list(paging.after(), paging.limit() + 1));
        return paging.page(found.stream().map(Account::view).toList(), User::name);
    }

    public User add(Caller caller, AddUser wish) {
        if (wish.name() == null || !NAME.matcher(wish.name()).matches()) {
            throw new Refusal(
                    Code.UNPROCESSABLE,
                    "name must be 1 to 64 lower-case letters, digits, dots, dashes or underscores, with a letter or"
                            + " digit at both ends");
        }
        Role role = Role.ofPerson(wish.role())
                .orElseThrow(() -> new Refusal(Code.UNPROCESSABLE, "role must be admin, operator or viewer"));
        String hash = hash(wish.name(), wish.password());
        Instant now = clock.instant();
        Account account = new Account(wish.name(), role, hash, now, now, generations.next(wish.name(), 0));
        database.write(tx -> {
            if (!tx.attach(AccountDao.class).insert(account)) {
                throw new Refusal(Code.NAME_TAKEN, "there is a user of this name already");
            }
            audit.record(tx, caller, Event.of(Action.USER_ADDED, account.name()).set("role", role.wire()));
            return account;
        });
        LOG.info("user {} added by {} with role {}", account.name(), caller.id(), role.wire());
        return account.view();
    }

    /** Of oneself, or of anyone by an administrator. Ends the account's sessions, but for the caller's own. */
    public void setPassword(Caller caller, String name, String password) {
        boolean isOwn = caller.kind() == Caller.Kind.USER && caller.id().equals(name);
        if (!isOwn && !caller.role().includes(Role.ADMIN)) {
            throw new Refusal(Code.ROLE_MISSING, "only an administrator sets another user's password");
        }
        String hash = hash(name, password);
        Instant now = clock.instant();
        long generation = generations.next(name, find(name).generation());
        int ended = database.write(tx -> {
            if (!tx.attach(AccountDao.class).setPassword(name, hash, now, generation)) {
                throw missing();
            }
            int sessions = tx.attach(SessionDao.class).revokeAll(name, caller.keyId(), now);
            audit.record(tx, caller, passwordSet(name, sessions));
            return sessions;
        });
        generations.changed(caller, name, generation, isOwn ? caller.keyId() : "");
        LOG.info("password of {} set by {}; {} sessions ended", name, caller.id(), ended);
        adminPassword.changed(name);
    }

    /**
     * Ends the administrators' passwords that are older than the order, and their sessions but for the caller's own.
     * Each stays without a password until an administrator sets one, or the host resets it.
     *
     * @return whose
     */
    public List<String> endAdminPasswords(Caller caller, Instant orderedAt) {
        List<Account> due = database.read(tx -> tx.attach(AccountDao.class).otherAdmins("")).stream()
                .filter(account -> !account.passwordChangedAt().isAfter(orderedAt))
                .filter(account -> !PasswordHash.OF_NOBODY.equals(account.password()))
                .toList();
        for (Account account : due) {
            String name = account.name();
            boolean isOwn = caller.kind() == Caller.Kind.USER && caller.id().equals(name);
            String kept = isOwn ? caller.keyId() : "";
            long generation = generations.next(name, account.generation());
            restrictions.restrict(caller, generations.ending(account, kept, generation), tx -> {
                Instant now = clock.instant();
                tx.attach(AccountDao.class).setPassword(name, PasswordHash.OF_NOBODY, now, generation);
                int sessions = tx.attach(SessionDao.class).revokeAll(name, kept, now);
                return Event.of(Action.PASSWORD_ENDED, name).set("sessionsEnded", sessions);
            });
            LOG.info("{} ended the password of {}", caller.id(), name);
            adminPassword.changed(name);
        }
        return due.stream().map(Account::name).toList();
    }

    /** With its sessions and the tokens it issued. Not the last administrator: one at a time, so two cannot both go. */
    public synchronized void remove(Caller caller, String name) {
        Account account = find(name);
        if (account.role() == Role.ADMIN && isLastAdmin(name)) {
            throw new Refusal(Code.CONFLICT, "the last administrator stays: add another one first");
        }
        restrictions.restrict(caller, Generations.removal(account), tx -> remove(tx, account));
        LOG.info("user {} removed by {}, with the tokens it issued", name, caller.id());
    }

    private boolean isLastAdmin(String name) {
        return database.read(tx -> tx.attach(AccountDao.class).otherAdmins(name)).stream()
                .allMatch(other -> generations.removed(other).isPresent());
    }

    private Event remove(Handle tx, Account account) {
        tx.attach(AccountDao.class).delete(account.name());
        return Event.of(Action.USER_REMOVED, account.name())
                .change("role", account.role().wire(), null)
                .set("tokensRevoked", tokens.revokeOwnedBy(tx, account.name()));
    }

    /** Removes whom the ledger says is removed, and ends former passwords. */
    public void follow(Handle tx) {
        for (Account account : tx.attach(AccountDao.class).list("", Integer.MAX_VALUE)) {
            Optional<Entry> removed = generations.removed(account);
            if (removed.isPresent()) {
                restrictions.replay(tx, remove(tx, account), removed.get());
            } else {
                generations.follow(tx, account, clock.instant());
            }
        }
    }

    private Account find(String name) {
        return database.read(tx -> tx.attach(AccountDao.class).find(name))
                .filter(account -> generations.removed(account).isEmpty())
                .orElseThrow(Accounts::missing);
    }

    static Event passwordSet(String name, int sessionsEnded) {
        return Event.of(Action.PASSWORD_SET, name).redacted("password").set("sessionsEnded", sessionsEnded);
    }

    private static String hash(String name, String password) {
        if (password == null) {
            throw new Refusal(Code.UNPROCESSABLE, "password is missing");
        }
        PasswordRules.objection(name, new Secret(password)).ifPresent(sentence -> {
            throw new Refusal(Code.UNPROCESSABLE, sentence);
        });
        return PasswordHash.of(password);
    }

    private static Refusal missing() {
        return new Refusal(Code.NOT_FOUND, "there is no such user; lyftdata users list shows them");
    }
}
