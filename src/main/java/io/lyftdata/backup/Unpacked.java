package io.lyftdata.backup;

import com.exceptionfactory.jagged.RecipientStanzaReader;
import io.lyftdata.api.audit.Verification;
import io.lyftdata.archive.ArchiveReader;
import io.lyftdata.archive.BadBackup;
import io.lyftdata.archive.Manifest;
import io.lyftdata.archive.Names;
import io.lyftdata.audit.Checkpoints;
import io.lyftdata.chain.ChainVerifier;
import io.lyftdata.config.BadSetting;
import io.lyftdata.crypto.SecretFile;
import io.lyftdata.crypto.SigningKey;
import io.lyftdata.db.Database;
import io.lyftdata.db.DatabaseOpener;
import io.lyftdata.db.SqliteFile;
import io.lyftdata.snapshot.ControlCopy;
import io.lyftdata.snapshot.Progress;
import io.lyftdata.snapshot.TelemetryCopy;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.jdbi.v3.core.JdbiException;

/**
 * A backup's files in a directory, each as the signed manifest says. What is in them is proven by {@link #integrity},
 * {@link #open} and what follows.
 *
 * @param signer fingerprint of the key that signed the manifest
 */
public record Unpacked(Path directory, Manifest manifest, String signer) {
    private static final long ALL = Long.MAX_VALUE / 2;

    /**
     * Unpacks the file, and syncs what it unpacked.
     *
     * @param directory empty; only its owner may read it
     * @param believed whether a manifest signed by the key of this fingerprint counts
     * @throws BadBackup when anything about the file is wrong; the directory is then to be deleted
     * @throws IOException when the directory does not take it
     */
    public static Unpacked into(
            Path directory,
            Path file,
            List<RecipientStanzaReader> identities,
            Predicate<String> believed,
            Progress progress)
            throws IOException {
        SecretFile.createDirectory(directory.resolve(Names.TLS));
        String[] signer = new String[1];
        Manifest manifest = new ArchiveReader(file, identities)
                .read(
                        fingerprint -> {
                            signer[0] = fingerprint;
                            return believed.test(fingerprint);
                        },
                        (found, member) -> new Synced(place(directory, member.name()), member.size(), progress));
        Unpacked unpacked = new Unpacked(directory, manifest, signer[0]);
        unpacked.checkIdentity();
        return unpacked;
    }

    /** In the directory that its name says, with as much of it as is missing. */
    private static Path place(Path directory, String name) throws IOException {
        Path file = directory.resolve(name);
        SecretFile.createDirectory(file.getParent());
        return file;
    }

    /** Installation and key are those that the manifest is of. */
    private void checkIdentity() throws IOException {
        String installation =
                Files.readString(directory.resolve(Names.INSTALLATION)).strip();
        if (!installation.equals(manifest.installation())
                || !key().fingerprint().equals(signer)) {
            throw new BadBackup("its installation and signing key are not those of its manifest");
        }
        if (compare(manifest.schema(), DatabaseOpener.schema()) > 0) {
            throw new BadBackup("its database has schema " + manifest.schema() + ", and this version knows up to "
                    + DatabaseOpener.schema() + ": use version " + manifest.product() + " of LyftData or a newer one");
        }
    }

    private static int compare(String left, String right) {
        try {
            return Integer.compare(Integer.parseInt(left), Integer.parseInt(right));
        } catch (NumberFormatException e) {
            throw new BadBackup("its manifest is not one that this version understands");
        }
    }

    /** The installation's signing key. */
    public SigningKey key() throws IOException {
        return SigningKey.open(directory.resolve(Names.SIGNING_KEY));
    }

    public Path database() {
        return directory.resolve(Names.DATABASE);
    }

    /** Has SQLite look through the whole file and hold every index against its table. */
    public void integrity() {
        check("integrity_check");
    }

    /** The same without the indexes, in a fraction of the time. */
    public void soundness() {
        check("quick_check");
    }

    private void check(String pragma) {
        try (Connection connection = SqliteFile.openToRead(database());
                Statement statement = connection.createStatement()) {
            try (ResultSet found = statement.executeQuery("PRAGMA " + pragma + "(1)")) {
                if (!found.next() || !found.getString(1).equals("ok")) {
                    throw new BadBackup("its database is damaged: " + found.getString(1));
                }
            }
            try (ResultSet found = statement.executeQuery("PRAGMA foreign_key_check")) {
                if (found.next()) {
                    throw new BadBackup("its database is damaged: a row of " + found.getString(1) + " refers to none");
                }
            }
        } catch (SQLException e) {
            throw new BadBackup("its database cannot be opened");
        }
    }

    /** The database, brought to this version's schema; it must hold what the manifest says. */
    public Database open(DatabaseOpener opener) {
        Database database;
        ControlCopy facts;
        try {
            database = opener.openSqlite(database());
            facts = database.read(tx -> ControlCopy.facts(tx, manifest.engine()));
        } catch (BadSetting | JdbiException e) {
            throw new BadBackup("its database cannot be brought to this version's schema");
        }
        Map<String, Long> counts = new TreeMap<>(facts.counts());
        counts.putAll(countTelemetry());
        if (!counts.equals(manifest.counts())
                || !Objects.equals(facts.ledger(), manifest.ledger())
                || !Objects.equals(facts.audit(), manifest.audit())) {
            throw new BadBackup("its database does not hold what its manifest says");
        }
        return database;
    }

    private Map<String, Long> countTelemetry() {
        try {
            return TelemetryCopy.counts(telemetry(), directory);
        } catch (SQLException e) {
            throw new BadBackup("its logs or metrics cannot be read");
        }
    }

    /** The names of the files with logs and metrics; none when they were not asked for. */
    public List<String> telemetry() {
        return manifest.members().stream()
                .map(Manifest.Member::name)
                .filter(Names::isTelemetry)
                .toList();
    }

    /** Computes the audit log's hashes anew. */
    public long verifyChain(Database database) throws IOException {
        Checkpoints checkpoints = new Checkpoints(database, manifest.installation(), key());
        Verification found = new ChainVerifier(database, manifest.installation(), checkpoints, ALL).verify(null);
        if (found.broken() != null) {
            throw new BadBackup("its audit log is broken at position "
                    + found.broken().position() + ": " + found.broken().fault().sentence());
        }
        return found.last();
    }

    /** On disk when it is closed. */
    private static final class Synced extends FilterOutputStream {
        private final FileChannel channel;
        private final long total;
        private final Progress progress;
        private long written;

        private Synced(Path file, long total, Progress progress) throws IOException {
            this(create(file), total, progress);
        }

        private Synced(FileChannel channel, long total, Progress progress) {
            super(Channels.newOutputStream(channel));
            this.channel = channel;
            this.total = total;
            this.progress = progress;
        }

        private static FileChannel create(Path file) throws IOException {
            SecretFile.createEmpty(file);
            return FileChannel.open(file, StandardOpenOption.WRITE);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            out.write(bytes, offset, length);
            written += length;
            progress.at("unpacking", written, total);
        }

        @Override
        public void close() throws IOException {
            try {
                channel.force(true);
            } finally {
                channel.close();
            }
        }
    }
}
