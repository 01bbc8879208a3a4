package io.lyftdata.apikey;

import static org.assertj.core.api.Assertions.assertThat;

import io.lyftdata.db.Database;
import io.lyftdata.db.DatabaseOpener;
import io.lyftdata.testing.Engine;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KeyRowsTest {
    @TempDir
    Path directory;

    private final DatabaseOpener opener = new DatabaseOpener();
    private final KeyRows rows = new KeyRows();
    private final AtomicInteger reads = new AtomicInteger();
    private final AtomicReference<ApiKey.State> stored = new AtomicReference<>(ApiKey.State.ACTIVE);
    private Database database;

    @BeforeEach
    void open() {
        database = Engine.SQLITE.open(opener, directory);
    }

    @AfterEach
    void close() throws Exception {
        opener.close();
    }

    private Optional<ApiKey> read() {
        reads.incrementAndGet();
        return Optional.of(row(stored.get()));
    }

    private static ApiKey row(ApiKey.State state) {
        Instant now = Instant.EPOCH;
        return new ApiKey("k", "w", ApiKey.Kind.WORKER, state, "h", now, null, null, null, null, 0, 0, Map.of());
    }

    private void change(ApiKey.State state) {
        database.write(tx -> {
            stored.set(state);
            rows.change(tx, "w");
            return null;
        });
    }

    private ApiKey.State found() {
        return rows.find("k", this::read).orElseThrow().state();
    }

    @Test
    void aKnownRowCostsNoQuery() {
        found();
        reads.set(0);
        assertThat(found()).isEqualTo(ApiKey.State.ACTIVE);
        assertThat(reads).hasValue(0);
    }

    @Test
    void aChangedRowIsReadAnewOnceTheChangeIsCommitted() {
        found();
        change(ApiKey.State.OLD);
        assertThat(found()).isEqualTo(ApiKey.State.OLD);
        database.write(tx -> {
            stored.set(ApiKey.State.REVOKED);
            rows.changeAll(tx);
            return null;
        });
        assertThat(found()).isEqualTo(ApiKey.State.REVOKED);
    }

    @Test
    void anUnknownRowCostsOneQuery() {
        found();
        assertThat(reads).hasValue(1);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void aChangeThatOvertakesAReadIsNotLost(int which) {
        overtaken(which);
        assertThat(found()).isEqualTo(ApiKey.State.REVOKED);
    }

    @Test
    void aChangeThatOvertakesTheReadOfAKnownRowIsNotLost() {
        found();
        change(ApiKey.State.OLD);
        overtaken(1);
        assertThat(found()).isEqualTo(ApiKey.State.REVOKED);
    }

    /** Finds it by reads, after one of which another thread changes the row. */
    private void overtaken(int which) {
        AtomicInteger left = new AtomicInteger(which);
        rows.find("k", () -> {
            Optional<ApiKey> before = read();
            if (which == 2 && left.get() == 2) {
                change(ApiKey.State.OLD);
            }
            if (left.decrementAndGet() == 0) {
                change(ApiKey.State.REVOKED);
            }
            return before;
        });
    }

    @Test
    void rowsTakenInAtOnceCostNoQueryUntilTheyChange() {
        rows.load(() -> List.of(read().orElseThrow()));
        reads.set(0);
        assertThat(found()).isEqualTo(ApiKey.State.ACTIVE);
        assertThat(reads).hasValue(0);
        change(ApiKey.State.OLD);
        assertThat(found()).isEqualTo(ApiKey.State.OLD);
    }

    @Test
    void aChangeThatOvertakesRowsTakenInAtOnceIsNotLost() {
        rows.load(() -> {
            List<ApiKey> before = List.of(read().orElseThrow());
            change(ApiKey.State.REVOKED);
            return before;
        });
        assertThat(found()).isEqualTo(ApiKey.State.REVOKED);
    }

    @Test
    void aKeyThatIsNotThereIsAskedForAgain() {
        assertThat(rows.find("k", Optional::empty)).isEmpty();
        assertThat(found()).isEqualTo(ApiKey.State.ACTIVE);
    }
}
