package io.lyftdata.restore;

import com.exceptionfactory.jagged.RecipientStanzaReader;
import io.lyftdata.archive.BadBackup;
import io.lyftdata.archive.Manifest;
import io.lyftdata.archive.Names;
import io.lyftdata.audit.Action;
import io.lyftdata.audit.Audit;
import io.lyftdata.audit.Event;
import io.lyftdata.auth.Caller;
import io.lyftdata.backup.Unpacked;
import io.lyftdata.config.BadSetting;
import io.lyftdata.config.Secret;
import io.lyftdata.crypto.Randomness;
import io.lyftdata.crypto.SecretFile;
import io.lyftdata.crypto.SigningKey;
import io.lyftdata.db.Database;
import io.lyftdata.db.DatabaseOpener;
import io.lyftdata.db.SqliteFile;
import io.lyftdata.db.SqliteLibrary;
import io.lyftdata.host.Umask;
import io.lyftdata.snapshot.ControlCopy;
import io.lyftdata.snapshot.Progress;
import io.lyftdata.snapshot.TableCopy;
import io.lyftdata.staging.StagingDirectory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Clock;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.sqlite.SQLiteConfig.SynchronousMode;

/**
 * A restore under way: the staging directory is held, the backup is proven, and nothing is changed before
 * {@link #apply}. For one thread.
 */
public final class Restore implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Restore.class);
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("uuuuMMdd'T'HHmmss'Z'");

    private final StagingDirectory staging;
    private final DatabaseOpener opener;
    private final Placement placement;
    private final Clock clock;
    private final Progress progress;
    private Optional<Database> postgresql = Optional.empty();
    private Host host;
    private Unpacked unpacked;
    private Optional<Path> live = Optional.empty();
    private Difference difference;
    private boolean isLoading;

    /**
     * What is asked for.
     *
     * @param signer fingerprint of the key that must have signed the backup; empty: this directory's own
     * @param foreign whether another installation's backup may take this one's place
     * @param databaseUrl of PostgreSQL; empty: SQLite in the staging directory
     */
    public record Request(
            Path file,
            List<RecipientStanzaReader> identities,
            Optional<String> signer,
            boolean foreign,
            Path staging,
            Optional<Secret> databaseUrl) {}

    private Restore(StagingDirectory staging, Clock clock, Progress progress) {
        this.staging = staging;
        this.opener = new DatabaseOpener();
        this.placement = new Placement(staging.path(""));
        this.clock = clock;
        this.progress = progress;
    }

    /**
     * Holds the staging directory, and proves the backup.
     *
     * @throws BadSetting when a server runs, or nothing says whose backup it may be
     * @throws BadBackup when anything about the file is wrong
     */
    public static Restore prepare(Request request, Map<String, String> environment, Clock clock, Progress progress)
            throws IOException {
        Restore restore = new Restore(StagingDirectory.open(request.staging(), environment), clock, progress);
        try {
            restore.prepare(request);
            return restore;
        } catch (IOException | RuntimeException e) {
            restore.close();
            throw e;
        }
    }

    private void prepare(Request request) throws IOException {
        SqliteLibrary.unpack(staging.path("native"));
        System.setProperty("jna.tmpdir", staging.path("native").toString());
        Umask.ownerOnly();
        postgresql = request.databaseUrl().map(url -> opener.openPostgresql(url.reveal()));
        placement.settle(postgresql, progress);
        host = Host.of(staging.path(""));
        unpacked = Unpacked.into(
                placement.begin(), request.file(), request.identities(), signer -> believes(request, signer), progress);
        if (host.isAnother(unpacked.manifest().installation()) && !request.foreign()) {
            throw new BadBackup("it is of another installation, "
                    + unpacked.manifest().installation() + ": --foreign puts that in this one's place");
        }
        prove();
        live = live();
        difference = compare();
    }

    /** Without a key of its own the directory cannot tell whose backup it is. */
    private boolean believes(Request request, String signer) {
        if (request.signer().isPresent()) {
            return request.signer().get().equals(signer);
        }
        if (host.key().isEmpty() && !request.foreign()) {
            throw new BadSetting("this directory has no installation to know the backup's signature by: give --signer "
                    + signer + " if that is the fingerprint which the server logged at its first start, or --foreign to"
                    + " take whatever the file holds");
        }
        return request.foreign() || host.key().get().fingerprint().equals(signer);
    }

    private void prove() throws IOException {
        progress.at("checking the database", 0, 1);
        // What was unpacked is what was signed, byte for byte; a drill looks at the indexes too.
        unpacked.soundness();
        try (DatabaseOpener scratch = new DatabaseOpener()) {
            Database database = unpacked.open(scratch);
            progress.at("verifying the audit log", 0, 1);
            unpacked.verifyChain(database);
        } catch (SQLException e) {
            throw new IOException("the restored database did not close", e);
        }
    }

    /** The database in use as a SQLite file; empty when there is none. */
    private Optional<Path> live() throws IOException {
        if (postgresql.isEmpty()) {
            return Optional.of(staging.path(Names.DATABASE)).filter(Files::exists);
        }
        SecretFile.createEmpty(placement.former());
        ControlCopy.make(postgresql.get(), placement.former(), progress);
        return Optional.of(placement.former());
    }

    private Difference compare() throws IOException {
        try (Connection backup = SqliteFile.openToRead(unpacked.database())) {
            return live.isEmpty() ? Difference.between(null, backup) : compare(live.get(), backup);
        } catch (SQLException e) {
            throw new IOException("the backup's database could not be read", e);
        }
    }

    private static Difference compare(Path live, Connection backup) throws SQLException {
        try (Connection now = SqliteFile.openToRead(live)) {
            return Difference.between(now, backup);
        } catch (SQLException e) {
            LOG.warn("the database in use cannot be read, so nothing can be compared with it", e);
            return Difference.between(null, backup);
        }
    }

    public Manifest manifest() {
        return unpacked.manifest();
    }

    /** Fingerprint of the key that signed the backup. */
    public String signer() {
        return unpacked.signer();
    }

    /** What would change. */
    public Difference difference() {
        return difference;
    }

    /** Puts the backup's state in the place of this one: all of it or nothing, whatever happens meanwhile. */
    public Outcome apply() throws IOException {
        Manifest manifest = unpacked.manifest();
        boolean isSame = host.is(manifest.installation());
        SigningKey key = unpacked.key();
        progress.at("preparing the ledger", 0, 1);
        Optional<Path> ledgerHere = isSame ? Optional.of(staging.path("ledger")) : Optional.empty();
        NewLedger ledger = NewLedger.make(unpacked, unpacked.directory().resolve("ledger"), ledgerHere, key, clock);
        String tls = chooseTls(ledger);
        RestoredTelemetry telemetry = RestoredTelemetry.choose(unpacked, staging.path(""), isSame);
        progress.at("preparing the audit log", 0, 1);
        boolean goesOn = isSame && live.isPresent() && Continuation.isWhole(live.get(), manifest, key);
        String id = Randomness.hex(128);
        finishDatabase(goesOn, ledger, id);
        SecretFile.delete(unpacked.directory().resolve(Names.SETTINGS));
        placement.complete(id, "before-restore-" + TIME.format(clock.instant().atOffset(ZoneOffset.UTC)));
        progress.at("deciding", 0, 1);
        if (postgresql.isPresent()) {
            // From here on the database decides, even if its answer is lost.
            isLoading = true;
            load(postgresql.get());
            placement.settle(postgresql, progress);
        } else {
            placement.decide();
            placement.finish(progress);
        }
        return new Outcome(placement.aside(), goesOn, ledger.isKept(), tls, telemetry, ledger.shutOut());
    }

    /** This host's certificates stay, since its clients know them; a retired authority never comes back. */
    private String chooseTls(NewLedger ledger) throws IOException {
        Path restored = unpacked.directory().resolve(Names.TLS);
        if (Files.exists(staging.path("tls").resolve("ca.crt"))) {
            SecretFile.deleteTree(restored);
            return "kept";
        }
        if (ledger.retires(restored)) {
            SecretFile.deleteTree(restored);
            return "new";
        }
        return "restored";
    }

    /** Brings the log to where it goes on, and records the restore there. */
    private void finishDatabase(boolean goesOn, NewLedger ledger, String id) throws IOException {
        if (goesOn) {
            try (Connection restored = SqliteFile.open(unpacked.database(), SynchronousMode.FULL)) {
                new Continuation(live.get(), unpacked.manifest()).carry(restored);
            } catch (SQLException e) {
                throw new IOException("the audit log could not be carried over", e);
            }
        }
        try (DatabaseOpener last = new DatabaseOpener()) {
            Database database = last.openSqlite(unpacked.database());
            Audit audit = new Audit(database, unpacked.manifest().installation(), clock);
            database.write(tx -> {
                tx.execute(
                        "INSERT INTO installation_fact (name, value) VALUES ('restored', ?)"
                                + " ON CONFLICT (name) DO UPDATE SET value = excluded.value",
                        id);
                if (!goesOn) {
                    audit.beginSegment(tx, Caller.host());
                }
                audit.record(tx, Caller.host(), event(ledger));
                return null;
            });
        } catch (SQLException e) {
            throw new IOException("the restored database did not close", e);
        }
    }

    /** Its subject is the segment of the backup's head, by which a head that is lost with right is known. */
    private Event event(NewLedger ledger) {
        Manifest manifest = unpacked.manifest();
        Manifest.Audit head = manifest.audit();
        Event event = Event.of(Action.RESTORED, head == null ? "" : head.segment())
                .set("backup", manifest.createdAt().toString())
                .set("installation", manifest.installation())
                .set("epoch", ledger.sequence())
                .set("ledger", ledger.isKept() ? "kept" : "new");
        return head == null ? event : event.set("position", head.position()).set("hash", head.hash());
    }

    private void load(Database target) throws IOException {
        progress.at("loading PostgreSQL", 0, 1);
        try (Connection restored = SqliteFile.openToRead(unpacked.database())) {
            target.write(tx -> {
                new TableCopy(restored, tx.getConnection()).replaceAll(progress);
                return null;
            });
        } catch (SQLException e) {
            throw new IOException("the restored database could not be read", e);
        }
    }

    /** Lets the staging directory go; what was not applied leaves nothing. */
    @Override
    public void close() throws IOException {
        try {
            opener.close();
            if (!isLoading) {
                placement.drop();
            }
        } catch (SQLException e) {
            throw new IOException("the database did not close", e);
        } finally {
            staging.close();
        }
    }
}
