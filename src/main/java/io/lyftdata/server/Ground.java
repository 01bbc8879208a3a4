package io.lyftdata.server;

import com.codahale.metrics.MetricRegistry;
import io.lyftdata.audit.Alarms;
import io.lyftdata.audit.Audit;
import io.lyftdata.audit.Checkpoints;
import io.lyftdata.audit.Restrictions;
import io.lyftdata.authority.Authority;
import io.lyftdata.certificate.GivenMaterial;
import io.lyftdata.certificate.Tls;
import io.lyftdata.chain.Exports;
import io.lyftdata.chain.Shipper;
import io.lyftdata.crypto.SecretFile;
import io.lyftdata.crypto.SigningKey;
import io.lyftdata.db.Database;
import io.lyftdata.db.DatabaseOpener;
import io.lyftdata.db.Reserve;
import io.lyftdata.db.SqliteLibrary;
import io.lyftdata.host.Umask;
import io.lyftdata.ledger.Ledger;
import io.lyftdata.ledger.Position;
import io.lyftdata.ledger.Topic;
import io.lyftdata.restore.Placement;
import io.lyftdata.snapshot.Progress;
import io.lyftdata.staging.StagingDirectory;
import io.lyftdata.syslog.SyslogTarget;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** What the features stand on: the staging directory, the database, and the side of TLS. */
record Ground(
        StagingDirectory staging,
        SigningKey signingKey,
        String installation,
        Reserve reserve,
        DatabaseOpener opener,
        Database database,
        Audit audit,
        Alarms alarms,
        Restrictions restrictions,
        Tls tls)
        implements AutoCloseable {

    static Ground open(ServerConfig config, Clock clock, Map<String, String> environment, MetricRegistry metrics)
            throws IOException {
        StagingDirectory staging = StagingDirectory.open(config.stagingDir(), environment);
        DatabaseOpener opener = new DatabaseOpener();
        try {
            return open(staging, opener, config, clock, environment, metrics);
        } catch (IOException | RuntimeException e) {
            close(opener, staging);
            throw e;
        }
    }

    private static Ground open(
            StagingDirectory staging,
            DatabaseOpener opener,
            ServerConfig config,
            Clock clock,
            Map<String, String> environment,
            MetricRegistry metrics)
            throws IOException {
        System.setProperty("jna.tmpdir", staging.path("native").toString());
        System.setProperty(
                "org.conscrypt.native.workdir", staging.path("native").toString());
        SqliteLibrary.unpack(staging.path("native"));
        Umask.ownerOnly();
        Logging.configure(config, staging.path("logs"), metrics);
        staging.refuseOpenSecrets(environment);
        Reserve reserve = new Reserve(staging.path("reserve"));
        Database database = database(staging, opener, config, reserve);
        SigningKey signingKey = staging.signingKey();
        String installation = staging.installation();
        Audit audit = new Audit(database, installation, clock);
        Ledger ledger = ledger(staging.path("ledger"), config, installation, signingKey, clock, database);
        ledger.fallBackOn(reserve);
        Restrictions restrictions = new Restrictions(database, audit, ledger);
        Optional<GivenMaterial> given = config.givenMaterial(environment, clock);
        Tls tls = given.isPresent()
                ? Tls.given(given.get(), database, audit, clock)
                : ownTls(config, staging, installation, restrictions, database, audit, clock);
        return new Ground(
                staging,
                signingKey,
                installation,
                reserve,
                opener,
                database,
                audit,
                new Alarms(database, audit, signingKey),
                restrictions,
                tls);
    }

    private static Tls ownTls(
            ServerConfig config,
            StagingDirectory staging,
            String installation,
            Restrictions restrictions,
            Database database,
            Audit audit,
            Clock clock)
            throws IOException {
        Path directory = staging.path("tls");
        Authority authority = Authority.open(
                directory, installation, pin -> restrictions.ledger().says(Topic.CA, pin, "retired"), clock);
        return Tls.own(directory, names(config), authority, database, audit, clock);
    }

    private static Ledger ledger(
            Path file, ServerConfig config, String installation, SigningKey key, Clock clock, Database database)
            throws IOException {
        Optional<Position> followed = Restrictions.followed(database);
        Optional<Position> known = followed.isEmpty() && !Files.exists(file) && wasUsed(database)
                ? Optional.of(Position.genesis(installation))
                : followed;
        return config.acceptLedgerLoss()
                ? Ledger.openOrAcceptLoss(file, installation, key, clock, known)
                : Ledger.open(file, installation, key, clock, known);
    }

    /** Then it had a ledger, which may hold what this database never heard of. */
    private static boolean wasUsed(Database database) {
        return database.first("SELECT action FROM audit LIMIT 1").isPresent();
    }

    /** What a crash left of a restore is settled before anything else is read. */
    private static Database database(
            StagingDirectory staging, DatabaseOpener opener, ServerConfig config, Reserve reserve) throws IOException {
        Placement placement = new Placement(staging.path(""));
        if (config.databaseUrl() == null) {
            placement.settle(Optional.empty(), Progress.NONE);
            return sqlite(opener, staging.path("control.db")).fallingBackOn(reserve);
        }
        Database database = opener.openPostgresql(config.databaseUrl().reveal());
        placement.settle(Optional.of(database), Progress.NONE);
        return database;
    }

    /** SQLite gives the files beside it the mode of this one. */
    private static Database sqlite(DatabaseOpener opener, Path file) throws IOException {
        SecretFile.createEmpty(file);
        return opener.openSqlite(file);
    }

    /** By what clients may call the server: loopback, this host, the bind address, and what the settings add. */
    private static List<String> names(ServerConfig config) {
        Set<String> names = new LinkedHashSet<>(List.of("localhost", "127.0.0.1", "::1"));
        if (hostName().matches("[a-z0-9]([a-z0-9.-]*[a-z0-9])?")) {
            names.add(hostName());
        }
        config.boundName().ifPresent(names::add);
        names.addAll(config.tlsSan());
        return new ArrayList<>(names);
    }

    /** As others may know it. */
    static String hostName() {
        try {
            return InetAddress.getLocalHost().getHostName().toLowerCase(Locale.ROOT);
        } catch (UnknownHostException e) {
            return "";
        }
    }

    Exports exports() {
        return new Exports(database, installation, checkpoints(), signingKey, audit);
    }

    Shipper shipper(SyslogTarget target) {
        return new Shipper(database, exports(), target, hostName());
    }

    Checkpoints checkpoints() {
        return new Checkpoints(database, installation, signingKey);
    }

    @Override
    public void close() throws IOException {
        restrictions.ledger().close();
        close(opener, staging);
    }

    private static void close(DatabaseOpener opener, StagingDirectory staging) throws IOException {
        try {
            opener.close();
        } catch (SQLException e) {
            throw new IOException("the database did not close", e);
        } finally {
            staging.close();
        }
    }
}
