package io.lyftdata.token;

import io.lyftdata.api.Code;
import io.lyftdata.api.Refusal;
import io.lyftdata.auth.Addresses;
import io.lyftdata.auth.Caller;
import io.lyftdata.auth.Presented;
import io.lyftdata.crypto.Digests;
import io.lyftdata.crypto.KeyString;
import java.time.Clock;

/** Judges {@code Bearer lyd_at_…}; why a token is refused is told only to those who know its secret. */
public final class TokenAuthenticator {
    private final Tokens tokens;
    private final Clock clock;

    public TokenAuthenticator(Tokens tokens, Clock clock) {
        this.tokens = tokens;
        this.clock = clock;
    }

    /**
     * The token as a caller.
     *
     * @throws Refusal {@code key_unknown}, {@code key_revoked}, {@code key_expired} or {@code address_refused}
     */
    public Caller authenticate(Presented presented) {
        KeyString key = presented.key().orElseThrow(TokenAuthenticator::unknown);
        Token token = tokens.find(key.id()).orElseThrow(TokenAuthenticator::unknown);
        if (!Digests.same(token.hash(), key.hash())) {
            throw unknown();
        }
        if (tokens.isRevoked(token)) {
            throw new Refusal(Code.KEY_REVOKED, "this token has been revoked; lyftdata tokens issue makes another");
        }
        if (token.hasExpired(clock.instant())) {
            throw new Refusal(Code.KEY_EXPIRED, "this token has expired; lyftdata tokens issue makes another");
        }
        if (!Addresses.isFrom(token.sources(), presented.origin())) {
            throw new Refusal(
                    Code.ADDRESS_REFUSED,
                    "this token may not be used from your address ("
                            + presented.origin().text() + ")");
        }
        tokens.use(token);
        return new Caller(Caller.Kind.TOKEN, token.id(), token.role(), token.id(), presented.origin());
    }

    private static Refusal unknown() {
        return new Refusal(Code.KEY_UNKNOWN, "there is no such token; is it from another installation?");
    }
}
