package io.lyftdata.account;

import io.lyftdata.audit.Action;
import io.lyftdata.audit.Audit;
import io.lyftdata.audit.Event;
import io.lyftdata.audit.Restrictions;
import io.lyftdata.auth.Caller;
import io.lyftdata.auth.Role;
import io.lyftdata.config.BadSetting;
import io.lyftdata.config.Secret;
import io.lyftdata.crypto.PasswordHash;
import io.lyftdata.crypto.Randomness;
import io.lyftdata.crypto.SecretFile;
import io.lyftdata.db.Database;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The way in for whoever owns the host: the first administrator's password, and its reset. */
public final class AdminPassword {
    /** The first administrator. */
    public static final String ADMIN = "admin";

    private static final Logger LOG = LoggerFactory.getLogger(AdminPassword.class);
    private static final String SETTING = "LYFTDATA_ADMIN_INIT_PASSWORD: ";

    private final Database database;
    private final Audit audit;
    private final Generations generations;
    private final Clock clock;
    private final Path file;

    /** @param file {@code admin-password} in the staging directory */
    public AdminPassword(Database database, Audit audit, Restrictions restrictions, Clock clock, Path file) {
        this.database = database;
        this.audit = audit;
        this.generations = new Generations(restrictions);
        this.clock = clock;
        this.file = file;
    }

    /**
     * Makes the first administrator, when there is no user yet. Without a given password it is random, and in the file
     * before it is in force.
     *
     * @return whether the file holds a password that is in force
     * @throws BadSetting when the given password is not taken
     */
    public boolean firstStart(Optional<Secret> given) throws IOException {
        if (database.finds("SELECT 1 FROM account")) {
            return settleFile();
        }
        given.ifPresent(AdminPassword::check);
        Secret password = given.orElseGet(() -> new Secret(Randomness.hex(128)));
        if (given.isEmpty()) {
            SecretFile.write(file, password.reveal() + "\n");
        }
        Instant now = clock.instant();
        Account first = new Account(
                ADMIN, Role.ADMIN, PasswordHash.of(password.reveal()), now, now, generations.next(ADMIN, 0));
        database.write(tx -> {
            audit.record(tx, Caller.server(), Event.of(Action.USER_ADDED, ADMIN).set("role", Role.ADMIN.wire()));
            return tx.attach(AccountDao.class).insert(first);
        });
        LOG.info("first administrator made: {}", ADMIN);
        return given.isEmpty();
    }

    /**
     * Sets the administrator's password and ends its sessions; makes the account anew when it is missing.
     *
     * @return false when this very value has been set by a reset before: then nothing changes
     * @throws BadSetting when the password is not taken
     */
    public boolean reset(Secret password) throws IOException {
        check(password);
        List<String> used = database.read(tx -> tx.attach(AccountDao.class).resets());
        if (used.stream().anyMatch(hash -> PasswordHash.matches(password.reveal(), hash))) {
            LOG.warn("the administrator's password was reset to this value before; nothing changed");
            return false;
        }
        String hash = PasswordHash.of(password.reveal());
        Instant now = clock.instant();
        long present = database.read(tx -> tx.attach(AccountDao.class).find(ADMIN))
                .map(Account::generation)
                .orElse(0L);
        long generation = generations.next(ADMIN, present);
        int ended = database.write(tx -> {
            AccountDao dao = tx.attach(AccountDao.class);
            dao.insert(new Account(ADMIN, Role.ADMIN, hash, now, now, generation));
            dao.setPassword(ADMIN, hash, now, generation);
            dao.recordReset("admin-password-reset:" + Randomness.hex(64), hash);
            int sessions = tx.attach(SessionDao.class).revokeAll(ADMIN, "", now);
            audit.record(tx, Caller.server(), Accounts.passwordSet(ADMIN, sessions));
            return sessions;
        });
        generations.changed(Caller.server(), ADMIN, generation, "");
        SecretFile.delete(file);
        LOG.info("password of {} reset from the host; {} sessions ended", ADMIN, ended);
        return true;
    }

    /** A password was changed: when it is the first administrator's, the file has served. */
    void changed(String name) {
        if (name.equals(ADMIN)) {
            try {
                SecretFile.delete(file);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    /** A crash between the change of the password and the file's end leaves a file that has served. */
    private boolean settleFile() throws IOException {
        boolean isFirst =
                database.finds("SELECT 1 FROM account WHERE name = 'admin' AND password_changed_at = created_at");
        if (!isFirst) {
            SecretFile.delete(file);
        }
        return isFirst && SecretFile.read(file).isPresent();
    }

    private static void check(Secret password) {
        PasswordRules.objection(ADMIN, password).ifPresent(sentence -> {
            throw new BadSetting(SETTING + sentence);
        });
    }
}
