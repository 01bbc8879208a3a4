package io.lyftdata.chain;

import static org.assertj.core.api.Assertions.assertThat;

import io.lyftdata.audit.Audit;
import io.lyftdata.audit.AuditRecord;
import io.lyftdata.audit.Checkpoints;
import io.lyftdata.crypto.SigningKey;
import io.lyftdata.db.Database;
import io.lyftdata.db.DatabaseOpener;
import io.lyftdata.syslog.SyslogTarget;
import io.lyftdata.testing.Collector;
import io.lyftdata.testing.Engine;
import io.lyftdata.testing.MovableClock;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The collector gets every record at least once and in order, and nobody waits for it. */
class ShipperTest {
    @TempDir
    Path directory;

    private final DatabaseOpener opener = new DatabaseOpener();
    private Collector collector;
    private SigningKey key;
    private Database database;
    private Audit audit;

    @BeforeEach
    void listen() throws IOException {
        collector = Collector.start(directory);
        key = SigningKey.open(directory.resolve("signing.key"));
    }

    @AfterEach
    void close() throws SQLException {
        collector.close();
        opener.close();
    }

    private void open(Engine engine, int records) {
        database = engine.open(opener, directory);
        audit = new Audit(database, ChainFixture.INSTALLATION, new MovableClock());
        ChainFixture.append(database, audit, records);
    }

    private Exports exports() {
        Checkpoints checkpoints = new Checkpoints(database, ChainFixture.INSTALLATION, key);
        return new Exports(database, ChainFixture.INSTALLATION, checkpoints, key, audit);
    }

    private Shipper shipper(Duration patience) {
        SyslogTarget target = SyslogTarget.of(collector.address(), Optional.of(directory.resolve("ca.crt")), patience);
        return new Shipper(database, exports(), target, "server.example");
    }

    private Shipper shipper() {
        return shipper(Duration.ofMinutes(1));
    }

    private List<String> lines() {
        return exports().behind(Optional.empty(), 100_000).stream()
                .map(AuditRecord::line)
                .toList();
    }

    @ParameterizedTest
    @EnumSource
    void eachRecordArrivesInOrderAndARestartGoesOnBehindIt(Engine engine) {
        open(engine, 2_345);
        assertThat(shipper().ship()).isTrue();
        assertThat(collector.lines()).isEqualTo(lines());
        assertThat(shipper().ship()).as("nothing is new").isTrue();
        ChainFixture.append(database, audit, 3);
        assertThat(shipper().behind()).isEqualTo(3);
        assertThat(shipper().ship()).isTrue();
        assertThat(collector.lines()).isEqualTo(lines());
        assertThat(shipper().behind()).isZero();
        assertThat(collector.messages().get(0)).startsWith("<110>1 ").contains(" server.example lyftdata - ");
    }

    @ParameterizedTest
    @EnumSource(names = {"SILENT", "DEAF", "ABRUPT"})
    void whatACollectorDidNotReadItGetsAgain(Collector.Mood mood) throws Exception {
        open(Engine.SQLITE, 50);
        Shipper shipper = shipper(Duration.ofSeconds(2));
        ShipperCheck check = new ShipperCheck(shipper);
        collector.setMood(mood);
        assertThat(shipper.ship()).isFalse();
        assertThat(check.execute().isHealthy()).isFalse();
        assertThat(check.execute().getMessage())
                .startsWith("50 audit records wait, and none is lost: the collector at");
        collector.setMood(Collector.Mood.WELL);
        assertThat(shipper().ship()).isTrue();
        assertThat(collector.lines()).endsWith(lines().toArray(String[]::new));
        assertThat(shipper.ship()).isTrue();
        assertThat(check.execute().isHealthy()).isTrue();
    }

    @Test
    void noChangeWaitsForACollectorThatHangs() throws Exception {
        open(Engine.SQLITE, 50);
        collector.setMood(Collector.Mood.DEAF);
        Shipper shipper = shipper(Duration.ofSeconds(60));
        ExecutorService thread = Executors.newSingleThreadExecutor();
        Future<Boolean> shipping = thread.submit(shipper::ship);
        for (int i = 0; i < 100; i++) {
            ChainFixture.append(database, audit, 1);
        }
        assertThat(shipping.isDone()).as("it hangs all the while").isFalse();
        assertThat(lines()).hasSize(150);
        collector.close();
        assertThat(shipping.get(1, TimeUnit.MINUTES)).isFalse();
        thread.shutdown();
    }

    @Test
    void anotherChainInItsPlaceIsShippedWhole() {
        open(Engine.SQLITE, 20);
        assertThat(shipper().ship()).isTrue();
        database.write(tx -> tx.execute("DELETE FROM audit WHERE position > 7"));
        ChainFixture.append(database, audit, 30);
        assertThat(shipper().ship()).isTrue();
        assertThat(collector.lines()).hasSize(20 + 37).endsWith(lines().toArray(String[]::new));
    }
}
