package io.lyftdata.account;

import io.lyftdata.api.Code;
import io.lyftdata.api.Refusal;
import io.lyftdata.auth.Caller;
import io.lyftdata.auth.Presented;
import io.lyftdata.crypto.Digests;
import io.lyftdata.crypto.KeyString;

/** Judges {@code Bearer lyd_se_…}; why a session is refused is told only to those who know its secret. */
public final class SessionAuthenticator {
    private final Sessions sessions;

    public SessionAuthenticator(Sessions sessions) {
        this.sessions = sessions;
    }

    /**
     * The user whose session it is, with the role that the account has now.
     *
     * @throws Refusal {@code key_unknown}, {@code key_revoked} or {@code key_expired}
     */
    public Caller authenticate(Presented presented) {
        KeyString key = presented.key().orElseThrow(SessionAuthenticator::unknown);
        Session session = sessions.find(key.id()).orElseThrow(SessionAuthenticator::unknown);
        if (!Digests.same(session.hash(), key.hash())) {
            throw unknown();
        }
        if (sessions.isRevoked(session)) {
            throw new Refusal(Code.KEY_REVOKED, "this session was ended; log in again");
        }
        if (sessions.hasEnded(session)) {
            throw new Refusal(Code.KEY_EXPIRED, "this session has expired; log in again");
        }
        sessions.use(session);
        return new Caller(Caller.Kind.USER, session.account(), session.role(), session.id(), presented.origin());
    }

    private static Refusal unknown() {
        return new Refusal(Code.KEY_UNKNOWN, "there is no such session; log in again");
    }
}
