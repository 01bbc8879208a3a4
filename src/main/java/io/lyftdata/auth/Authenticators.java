package io.lyftdata.auth;

import io.lyftdata.api.Code;
import io.lyftdata.api.Refusal;
import io.lyftdata.crypto.KeyString;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiPredicate;
import java.util.function.Function;

/**
 * Who judges which credential. Each judge answers with the caller or throws a {@link Refusal}; anything else that it
 * throws ends the request too.
 *
 * @param keys by the kind of key; a kind that is not there is unknown
 * @param enrollment of the enrollment secret
 * @param collectors whether the allowlist opens a part ({@code metrics}, {@code logs}) to an origin
 * @param gate asked before and after
 */
public record Authenticators(
        Map<KeyString.Kind, Function<Presented, Caller>> keys,
        Function<Presented, Caller> enrollment,
        BiPredicate<Origin, String> collectors,
        Gate gate) {
    public Authenticators {
        keys = Map.copyOf(keys);
    }

    /** Who gets in at all, however good the credential; whoever does not is refused by a {@link Refusal}. */
    public interface Gate {
        /** Lets everybody pass. */
        Gate NONE = new Gate() {
            @Override
            public void admit(Origin origin) {}

            @Override
            public void admit(Caller caller) {}
        };

        /** Before anything of the credential is looked at. */
        void admit(Origin origin);

        /** Once it is known who is calling. */
        void admit(Caller caller);
    }

    /** The same for what must pass any gate. */
    Authenticators ungated() {
        return new Authenticators(keys, enrollment, collectors, Gate.NONE);
    }

    Caller judge(AuthorizationHeader.Credential credential, String part, Origin origin) {
        gate.admit(origin);
        Caller caller = authenticate(credential, part, origin);
        gate.admit(caller);
        return caller;
    }

    private Caller authenticate(AuthorizationHeader.Credential credential, String part, Origin origin) {
        if (credential instanceof AuthorizationHeader.Key key) {
            return Optional.ofNullable(keys.get(key.key().kind()))
                    .orElseThrow(() -> new Refusal(Code.KEY_UNKNOWN, "this kind of key is not used here"))
                    .apply(new Presented(key.key().reveal(), Optional.of(key.key()), origin));
        }
        if (credential instanceof AuthorizationHeader.Enrollment secret) {
            return enrollment.apply(new Presented(secret.secret(), origin));
        }
        if (credential instanceof AuthorizationHeader.Collector collector) {
            return collector(collector.name(), part, origin);
        }
        if (credential instanceof AuthorizationHeader.Malformed malformed) {
            throw new Refusal(Code.CREDENTIALS_MALFORMED, malformed.sentence());
        }
        throw new Refusal(
                Code.CREDENTIALS_MISSING, "no credential: send `Authorization: Bearer` and a key, token or session");
    }

    private Caller collector(String name, String part, Origin origin) {
        if (part.isEmpty()) {
            throw new Refusal(Code.ROLE_MISSING, "the allowlist opens only what collectors read");
        }
        if (!collectors.test(origin, part)) {
            throw new Refusal(
                    Code.ADDRESS_REFUSED, "the allowlist does not open this to your address (" + origin.text() + ")");
        }
        return new Caller(Caller.Kind.COLLECTOR, name, Role.COLLECTOR, "", origin);
    }
}
