package io.lyftdata.restore;

import io.lyftdata.archive.Manifest;
import io.lyftdata.audit.Checkpoints;
import io.lyftdata.chain.ChainVerifier;
import io.lyftdata.config.BadSetting;
import io.lyftdata.crypto.SigningKey;
import io.lyftdata.db.Database;
import io.lyftdata.db.DatabaseOpener;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Optional;
import org.jdbi.v3.core.JdbiException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What of the database in use lives on in the restored one: its audit log when that is the longer one, what it knows to
 * be lost, what can be used only once, and which backups there are.
 */
final class Continuation {
    private static final Logger LOG = LoggerFactory.getLogger(Continuation.class);
    private static final long ALL = Long.MAX_VALUE / 2;

    private final Path live;
    private final Manifest manifest;

    Continuation(Path live, Manifest manifest) {
        this.live = live;
        this.manifest = manifest;
    }

    /**
     * Whether the database in use has a log of its own that holds from the backup's head on; a broken one is not taken
     * over, for what it says cannot be trusted.
     */
    static boolean isWhole(Path live, Manifest manifest, SigningKey key) {
        try (DatabaseOpener opener = new DatabaseOpener()) {
            Database database = opener.openSqlite(live);
            Checkpoints checkpoints = new Checkpoints(database, manifest.installation(), key);
            ChainVerifier verifier = new ChainVerifier(database, manifest.installation(), checkpoints, ALL);
            Manifest.Audit head = manifest.audit();
            boolean isExtension = head != null
                    && database.finds(
                            "SELECT 1 FROM audit WHERE position = CAST(? AS BIGINT) AND hash = ?",
                            Long.toString(head.position()),
                            head.hash());
            String from = isExtension ? head.position() + "-" + head.segment() + "-" + head.hash() : null;
            return verifier.verify(from).broken() == null;
        } catch (SQLException | JdbiException | BadSetting | IllegalStateException e) {
            LOG.warn("the database in use cannot be read, so its audit log does not go on", e);
            return false;
        }
    }

    /** Carries it over, in one transaction. */
    void carry(Connection restored) throws SQLException {
        execute(restored, "ATTACH '" + live.toString().replace("'", "''") + "' AS live");
        restored.setAutoCommit(false);
        try {
            carryAudit(restored);
            execute(restored, "INSERT OR REPLACE INTO installation_fact SELECT * FROM live.installation_fact");
            execute(restored, "INSERT OR REPLACE INTO backup SELECT * FROM live.backup");
            execute(restored, "DELETE FROM audit_alarm");
            execute(restored, "INSERT INTO audit_alarm SELECT * FROM live.audit_alarm");
            restored.commit();
        } finally {
            restored.rollback();
            restored.setAutoCommit(true);
            execute(restored, "DETACH live");
        }
    }

    private void carryAudit(Connection restored) throws SQLException {
        long position = manifest.audit() == null ? 0 : manifest.audit().position();
        Optional<String> first = first(restored, "SELECT min(position) FROM live.audit");
        Optional<String> last = first(restored, "SELECT max(position) FROM live.audit");
        if (first.isEmpty() || isAhead(restored, Long.parseLong(last.orElseThrow()))) {
            return;
        }
        boolean isExtension = position > 0
                && Long.parseLong(first.get()) == 1 + pruned(restored)
                && manifest.audit()
                        .hash()
                        .equals(first(restored, "SELECT hash FROM live.audit WHERE position = " + position)
                                .orElse(""));
        execute(restored, "DELETE FROM audit" + (isExtension ? " WHERE position < " + first.get() : ""));
        execute(
                restored,
                "INSERT INTO audit SELECT * FROM live.audit" + (isExtension ? " WHERE position > " + position : ""));
        execute(restored, "DELETE FROM audit_checkpoint");
        execute(restored, "INSERT INTO audit_checkpoint SELECT * FROM live.audit_checkpoint");
    }

    private static long pruned(Connection restored) throws SQLException {
        return first(restored, "SELECT max(position) FROM live.audit_checkpoint")
                .map(Long::parseLong)
                .orElse(0L);
    }

    /** Whether the backup holds all that the log in use holds, as after an older database was put in place. */
    private static boolean isAhead(Connection restored, long last) throws SQLException {
        return first(
                        restored,
                        "SELECT 1 FROM audit JOIN live.audit AS now ON now.position = audit.position AND now.hash ="
                                + " audit.hash WHERE audit.position = " + last)
                .isPresent();
    }

    private static Optional<String> first(Connection connection, String query) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(query);
                ResultSet row = statement.executeQuery()) {
            return row.next() ? Optional.ofNullable(row.getString(1)) : Optional.empty();
        }
    }

    private static void execute(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}
