package io.lyftdata.audit;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.util.Optional;

/** The two statements of every change, in plain JDBC: bound by Jdbi they would cost more than the rest of the chain. */
final class ChainStatements {
    private static final String HEAD = "SELECT segment, position, hash FROM audit ORDER BY position DESC LIMIT 1";
    private static final String INSERT = """
            INSERT INTO audit (position, segment, time, action, actor_kind, actor, key_id, address, proxy, request_id,
                subject, difference, outcome, count, ledger, previous, hash)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """;

    private ChainStatements() {}

    static Optional<Head> head(Connection connection) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(HEAD);
                ResultSet row = statement.executeQuery()) {
            return row.next()
                    ? Optional.of(new Head(row.getString(1), row.getLong(2), row.getString(3)))
                    : Optional.empty();
        }
    }

    static void insert(Connection connection, AuditRecord record) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(INSERT)) {
            statement.setLong(1, record.position());
            statement.setString(2, record.segment());
            statement.setLong(3, record.time().toEpochMilli());
            statement.setString(4, record.action());
            statement.setString(5, record.actorKind());
            statement.setString(6, record.actor());
            statement.setString(7, record.keyId());
            statement.setString(8, record.address());
            statement.setString(9, record.proxy());
            statement.setString(10, record.requestId());
            statement.setString(11, record.subject());
            statement.setString(12, record.difference());
            statement.setString(13, record.outcome());
            statement.setLong(14, record.count());
            statement.setObject(15, record.ledger(), Types.BIGINT);
            statement.setString(16, record.previous());
            statement.setString(17, record.hash());
            statement.executeUpdate();
        }
    }
}
