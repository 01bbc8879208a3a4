package io.lyftdata.token;

import static org.assertj.core.api.Assertions.assertThat;

import io.lyftdata.auth.Role;
import io.lyftdata.db.Database;
import io.lyftdata.db.DatabaseOpener;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TokenRowsTest {
    @TempDir
    Path directory;

    private final DatabaseOpener opener = new DatabaseOpener();
    private final TokenRows rows = new TokenRows();
    private Database database;
    private int reads;

    @BeforeEach
    void open() {
        database = opener.openSqlite(directory.resolve("control.db"));
    }

    @AfterEach
    void close() throws Exception {
        opener.close();
    }

    /** A row that tells by its name how many were read before it. */
    private Optional<Token> read() {
        return Optional.of(new Token(
                "id",
                String.valueOf(reads++),
                Role.VIEWER,
                "admin",
                List.of(),
                "hash",
                Instant.EPOCH,
                Instant.MAX,
                null,
                null,
                0));
    }

    private void change() {
        database.write(tx -> {
            rows.change(tx);
            return assertThat(find()).as("before the commit").isNotEmpty();
        });
    }

    private String find() {
        return rows.find("id", this::read).orElseThrow().name();
    }

    @Test
    void aRowIsReadOnceUntilAChangeIsCommitted() {
        assertThat(List.of(find(), find())).containsExactly("0", "0");
        change();
        assertThat(List.of(find(), find())).containsExactly("1", "1");
    }

    @Test
    void aRowThatChangesWhileItIsReadIsNotKept() {
        rows.find("id", () -> {
            Optional<Token> before = read();
            change();
            return before;
        });
        int known = reads;
        assertThat(find()).isEqualTo(String.valueOf(known));
    }

    @Test
    void aTokenThatIsNotThereIsAskedForAgain() {
        assertThat(rows.find("id", Optional::empty)).isEmpty();
        assertThat(find()).isEqualTo("0");
    }
}
