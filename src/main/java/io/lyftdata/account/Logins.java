package io.lyftdata.account;

import io.lyftdata.api.Code;
import io.lyftdata.api.Login;
import io.lyftdata.api.Refusal;
import io.lyftdata.audit.Restrictions;
import io.lyftdata.auth.Origin;
import io.lyftdata.auth.RefusalLimiter;
import io.lyftdata.crypto.PasswordHash;
import io.lyftdata.db.Database;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Judges passwords. Guessing is slowed down by address, never by account, so nobody can lock a user out from elsewhere;
 * an unknown user takes as long as a known one; at most two passwords are judged at once.
 */
public final class Logins {
    private static final Logger LOG = LoggerFactory.getLogger(Logins.class);
    private static final int AT_ONCE = 2;
    private static final Duration PATIENCE = Duration.ofSeconds(5);
    private static final int LONGEST = 1024;

    private final Database database;
    private final Sessions sessions;
    private final Restrictions restrictions;
    private final Generations generations;
    private final RefusalLimiter limiter;
    private final Semaphore places = new Semaphore(AT_ONCE, true);

    /** @param limiter of log-ins alone */
    public Logins(Database database, Sessions sessions, Restrictions restrictions, RefusalLimiter limiter) {
        this.database = database;
        this.sessions = sessions;
        this.restrictions = restrictions;
        this.generations = new Generations(restrictions);
        this.limiter = limiter;
    }

    /** Refuses whom {@link #login} would refuse anyway, before the body is read. */
    void check(Origin origin) {
        limiter.waitFor(origin).ifPresent(Logins::tooMany);
    }

    /**
     * Begins a session. Each attempt counts before its password is judged, so that many at once gain nothing; a good
     * one is taken back.
     *
     * @throws Refusal {@code login_refused}, alike for an unknown user and a wrong password, or too many requests
     */
    Login.Answer login(Login.Request request, Origin origin) {
        limiter.refuse(origin).ifPresent(Logins::tooMany);
        long ledger = restrictions.ledger().position().sequence();
        Optional<Account> account = judge(String.valueOf(request.username()), String.valueOf(request.password()));
        if (account.isEmpty()) {
            LOG.info("log-in refused from {}", origin.text());
            throw new Refusal(Code.LOGIN_REFUSED, "user or password is wrong");
        }
        limiter.takeBack(origin);
        return sessions.begin(account.get(), origin, ledger);
    }

    private Optional<Account> judge(String name, String password) {
        Optional<Account> account = database.read(
                        tx -> tx.attach(AccountDao.class).find(name))
                .filter(found -> generations.removed(found).isEmpty());
        String hash = account.map(Account::password).orElse(PasswordHash.OF_NOBODY);
        boolean fits = inPlace(password, hash);
        if (fits && account.isPresent() && PasswordHash.isOutdated(hash)) {
            String anew = PasswordHash.of(password);
            database.write(tx -> tx.attach(AccountDao.class).rehash(name, hash, anew));
        }
        return fits ? account : Optional.empty();
    }

    private boolean inPlace(String password, String hash) {
        try {
            if (password.length() > LONGEST) {
                return false;
            }
            if (!places.tryAcquire(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
                throw busy();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw busy();
        }
        try {
            return PasswordHash.matches(password, hash);
        } finally {
            places.release();
        }
    }

    private static Refusal busy() {
        return new Refusal(Code.UNAVAILABLE, "too many log-ins at once; try again").retryAfter(PATIENCE);
    }

    private static void tooMany(Duration wait) {
        throw new Refusal(Code.TOO_MANY_REQUESTS, "too many refused log-ins from this address; wait and try again")
                .retryAfter(wait);
    }
}
