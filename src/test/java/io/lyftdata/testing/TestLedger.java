package io.lyftdata.testing;

import io.lyftdata.audit.Audit;
import io.lyftdata.audit.Restrictions;
import io.lyftdata.crypto.SigningKey;
import io.lyftdata.db.Database;
import io.lyftdata.ledger.Ledger;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Optional;

/** A ledger for tests of what stands on it; where it was opened before, it goes on. */
public final class TestLedger {
    private static final String INSTALLATION = "0".repeat(32);

    private TestLedger() {}

    public static Ledger open(Path directory, Clock clock) {
        try {
            SigningKey key = SigningKey.open(directory.resolve("signing.key"));
            return Ledger.open(directory.resolve("ledger"), INSTALLATION, key, clock, Optional.empty());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public static Restrictions restrictions(Path directory, Database database, Audit audit, Clock clock) {
        return new Restrictions(database, audit, open(directory, clock));
    }
}
