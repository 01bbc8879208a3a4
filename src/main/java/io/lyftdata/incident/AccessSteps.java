package io.lyftdata.incident;

import io.lyftdata.account.Accounts;
import io.lyftdata.account.Sessions;
import io.lyftdata.api.AutoEnrollment.Change;
import io.lyftdata.api.AutoEnrollment.View;
import io.lyftdata.auth.Caller;
import io.lyftdata.enrollment.Secrets;
import io.lyftdata.incident.Moment.What;
import io.lyftdata.incident.Step.Outcome;
import io.lyftdata.incident.Step.Turn;
import io.lyftdata.token.Tokens;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What is done about the other ways in: the shared secret, tokens, sessions and passwords. */
public final class AccessSteps {
    private static final String ENABLED = "enabled";
    private static final String SECRET_ID = "secretId";

    private final Secrets secrets;
    private final Tokens tokens;
    private final Sessions sessions;
    private final Accounts accounts;

    public AccessSteps(Secrets secrets, Tokens tokens, Sessions sessions, Accounts accounts) {
        this.secrets = secrets;
        this.tokens = tokens;
        this.sessions = sessions;
        this.accounts = accounts;
    }

    List<Step> steps() {
        return List.of(
                new Step("enrollment", this::secret, this::secretBefore, this::endSecret),
                new Step("tokens", incident -> "revokes every API token but the caller's own", this::endTokens),
                new Step("sessions", incident -> "ends every session but the caller's own", this::endSessions),
                new Step(
                        "passwords",
                        incident -> "ends the password of every administrator until a new one is set",
                        this::endPasswords));
    }

    private String secret(Incident incident) {
        View now = secrets.show();
        if (!now.enabled()) {
            return "finds auto-enrollment off already";
        }
        return incident.opening().rotatesSecret()
                ? "replaces enrollment secret " + now.secretId() + ", and tells the new one once"
                : "switches auto-enrollment off, and retires secret " + now.secretId();
    }

    private Map<String, Object> secretBefore(Incident incident) {
        View now = secrets.show();
        Map<String, Object> before = new HashMap<>();
        before.put(ENABLED, now.enabled());
        before.put(SECRET_ID, now.secretId());
        return before;
    }

    /** A new secret that a crash kept from being told is of no use to anybody, and is replaced too. */
    private Outcome endSecret(Turn turn) {
        if (!Boolean.TRUE.equals(turn.before().get(ENABLED))) {
            return Outcome.done("auto-enrollment was off", Map.of());
        }
        Object former = turn.before().get(SECRET_ID);
        boolean rotates = turn.incident().opening().rotatesSecret();
        View now = secrets.change(turn.caller(), new Change(rotates, null));
        Map<String, Object> facts = new HashMap<>(Map.of("retired", former));
        if (rotates) {
            facts.put(SECRET_ID, now.secretId());
        }
        return new Outcome(
                What.DONE,
                "secret " + former + " refused"
                        + (rotates ? "; " + now.secretId() + " is in force" : "; auto-enrollment is off"),
                facts,
                null,
                now.enrollmentSecret());
    }

    private Outcome endTokens(Turn turn) {
        int ended = tokens.revokeAll(turn.caller(), turn.orderedAt());
        String own = turn.caller().kind() == Caller.Kind.TOKEN
                ? ", but your own: at the end, lyftdata tokens revoke "
                        + turn.caller().keyId()
                : "";
        return Outcome.done(ended + " revoked" + own, Map.of("revoked", ended));
    }

    private Outcome endSessions(Turn turn) {
        int ended = sessions.endAll(turn.caller(), turn.orderedAt());
        String own = turn.caller().kind() == Caller.Kind.USER ? ", but your own: at the end, lyftdata logout" : "";
        return Outcome.done(ended + " ended" + own, Map.of("ended", ended));
    }

    private Outcome endPasswords(Turn turn) {
        List<String> ended = accounts.endAdminPasswords(turn.caller(), turn.orderedAt());
        return Outcome.done(
                ended.size() + " ended; lyftdata users set-password NAME, or, with no session left, a start with"
                        + " --reset-admin-password",
                Map.of("users", ended));
    }
}
