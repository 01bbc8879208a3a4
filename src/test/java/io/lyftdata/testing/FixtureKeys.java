package io.lyftdata.testing;

import io.lyftdata.api.Code;
import io.lyftdata.api.Refusal;
import io.lyftdata.auth.Authenticators;
import io.lyftdata.auth.Caller;
import io.lyftdata.auth.Origin;
import io.lyftdata.auth.Presented;
import io.lyftdata.auth.Role;
import io.lyftdata.crypto.KeyString;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.HexFormat;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiPredicate;
import java.util.zip.CRC32;
import org.jdbi.v3.core.ConnectionException;

/** Keys that a fixture server knows, without a database. */
public final class FixtureKeys {
    public static final String SECRET = "an-enrollment-secret-of-40-characters-yes";

    private final Map<String, Caller> known = new ConcurrentHashMap<>();
    private final KeyString lost = KeyString.generate(KeyString.Kind.WORKER);

    /** The line with a new key for a caller of that role. */
    public String line(KeyString.Kind kind, Role role) {
        return line(kind, role, "c-" + role.wire());
    }

    /** The same for a caller with that id. */
    public String line(KeyString.Kind kind, Role role, String id) {
        KeyString key = KeyString.generate(kind);
        Caller.Kind callerKind = kind == KeyString.Kind.WORKER ? Caller.Kind.WORKER : Caller.Kind.TOKEN;
        known.put(key.reveal(), new Caller(callerKind, id, role, key.id(), Origin.NONE));
        return "Authorization: Bearer " + key.reveal();
    }

    /** The line with a key whose look-up meets a database that is away. */
    public String lostLine() {
        return "Authorization: Bearer " + lost.reveal();
    }

    /** A well-formed key with the same public id and another secret. */
    public static String forged(String key) {
        String body = key.substring(0, "lyd_kk_".length() + 33) + "0".repeat(64);
        CRC32 check = new CRC32();
        check.update(body.getBytes(StandardCharsets.US_ASCII));
        String forged = body + HexFormat.of().toHexDigits((int) check.getValue());
        if (KeyString.parse(forged).isEmpty()) {
            throw new AssertionError("no well-formed key");
        }
        return forged;
    }

    public Authenticators authenticators(BiPredicate<Origin, String> collectors) {
        return new Authenticators(
                Map.of(
                        KeyString.Kind.SESSION, this::judge,
                        KeyString.Kind.API_TOKEN, this::judge,
                        KeyString.Kind.WORKER, this::judge),
                this::enrollment,
                collectors,
                Authenticators.Gate.NONE);
    }

    private Caller judge(Presented presented) {
        if (presented.credential().equals(lost.reveal())) {
            throw new ConnectionException(new SQLException("secret-detail", "08006"));
        }
        Caller caller = known.get(presented.credential());
        if (caller == null) {
            throw new Refusal(Code.KEY_UNKNOWN, "unknown");
        }
        return caller;
    }

    private Caller enrollment(Presented presented) {
        if (!presented.credential().equals(SECRET)) {
            throw new Refusal(Code.ENROLLMENT_REFUSED, "refused");
        }
        return new Caller(Caller.Kind.ENROLLMENT, "e", Role.ENROLLING, "", presented.origin());
    }
}
