package io.lyftdata.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lyftdata.db.Database;
import io.lyftdata.db.DatabaseOpener;
import io.lyftdata.testing.Engine;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.jdbi.v3.core.JdbiException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class SightingsTest {
    private static final Instant NOON = Instant.parse("2026-11-27T12:00:00Z");

    @TempDir
    Path directory;

    private final DatabaseOpener opener = new DatabaseOpener();
    private Database database;
    private Sightings sightings;

    @AfterEach
    void close() throws Exception {
        opener.close();
    }

    private void open(Engine engine) {
        database = engine.open(opener, directory);
        sightings = new Sightings(database);
        add("w");
    }

    private void add(String id) {
        database.write(tx -> tx.attach(WorkerDao.class).insert(id, Map.of(), NOON));
    }

    private static Sighting at(String id, long seconds) {
        return new Sighting(id, NOON.plusSeconds(seconds), "10.0.0.1", "i1", "1.0", seconds, "ca", Map.of(), 0);
    }

    private static Sighting saying(long seconds, String instance, String version, String mode, String zone) {
        Instant time = NOON.plusSeconds(seconds);
        return new Sighting("w", time, "10.0.0.1", instance, version, seconds, mode, Map.of("zone", zone), 0);
    }

    private Optional<Sighting> onDisk(String id) {
        return database.read(tx -> tx.attach(SightingDao.class).find(id));
    }

    @ParameterizedTest
    @EnumSource
    void whatChangedIsOnDiskBeforeTheAnswer(Engine engine) {
        open(engine);
        Sighting[] each = {
            saying(0, "i1", "1.0", "ca", "a"),
            saying(1, "i2", "1.0", "ca", "a"),
            saying(2, "i2", "1.1", "ca", "a"),
            saying(3, "i2", "1.1", "insecure", "a"),
            saying(4, "i2", "1.1", "insecure", "b")
        };
        for (Sighting sighting : each) {
            sightings.see(sighting);
            assertThat(onDisk("w")).contains(sighting);
        }
    }

    @ParameterizedTest
    @EnumSource
    void whenItWasSeenIsToldAtOnceAndWrittenBehind(Engine engine) {
        open(engine);
        sightings.see(at("w", 0));
        sightings.see(at("w", 15));
        assertThat(sightings.newest("w")).contains(at("w", 15));
        assertThat(onDisk("w")).contains(at("w", 0));
        sightings.flush();
        assertThat(onDisk("w")).contains(at("w", 15));
    }

    @Test
    void aCrashCostsNoMoreThanTheNewestTime() {
        open(Engine.SQLITE);
        sightings.see(at("w", 0));
        sightings.see(at("w", 15));
        Sightings anew = new Sightings(database);
        assertThat(anew.newest("w")).isEmpty();
        anew.see(at("w", 30));
        assertThat(onDisk("w")).as("it said nothing new").contains(at("w", 0));
        assertThat(anew.newest("w")).contains(at("w", 30));
    }

    @ParameterizedTest
    @EnumSource
    void aWorkerThatIsGoneHoldsNoOtherUp(Engine engine) {
        open(engine);
        add("gone");
        sightings.see(at("w", 0));
        sightings.see(at("gone", 0));
        database.write(tx -> tx.execute("DELETE FROM worker WHERE id = 'gone'"));
        sightings.see(at("w", 15));
        sightings.see(at("gone", 15));
        sightings.flush();
        assertThat(onDisk("w")).contains(at("w", 15));
        assertThat(onDisk("gone")).isEmpty();
    }

    @Test
    void aTableThatTakesNothingRefusesOnlyWhatMustNotBeLost() {
        open(Engine.SQLITE);
        add("new");
        sightings.see(at("w", 0));
        database.write(tx -> tx.execute("ALTER TABLE heartbeat RENAME TO away"));
        sightings.see(at("w", 15));
        assertThatThrownBy(() -> sightings.see(at("new", 0))).isInstanceOf(JdbiException.class);
        assertThatThrownBy(() -> sightings.see(saying(30, "i9", "1.0", "ca", "a")))
                .isInstanceOf(JdbiException.class);
        assertThatCode(() -> new SightingSweeper(sightings).sweep())
                .as("tried again by the next sweep")
                .doesNotThrowAnyException();
    }

    @ParameterizedTest
    @EnumSource
    void whatIsOnDiskIsTakenInAtOnce(Engine engine) {
        open(engine);
        sightings.see(at("w", 0));
        Sightings anew = new Sightings(database);
        anew.load();
        assertThat(anew.newest("w")).as("since the start").isEmpty();
        anew.flush();
        database.write(tx -> {
            tx.attach(SightingDao.class).forget("w");
            return null;
        });
        anew.see(at("w", 15));
        assertThat(onDisk("w")).as("it was not looked for").isEmpty();
        database.write(tx -> {
            anew.forget(tx, "w");
            return null;
        });
        anew.see(at("w", 30));
        assertThat(onDisk("w")).contains(at("w", 30));
    }

    @Test
    void aWorkerThatIsAddedAnewWasNeverSeen() {
        open(Engine.SQLITE);
        sightings.see(at("w", 0));
        database.write(tx -> {
            sightings.forget(tx, "w");
            return null;
        });
        assertThat(sightings.newest("w")).isEmpty();
        assertThat(onDisk("w")).isEmpty();
    }
}
