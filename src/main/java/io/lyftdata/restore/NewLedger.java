package io.lyftdata.restore;

import io.lyftdata.archive.Manifest;
import io.lyftdata.backup.Unpacked;
import io.lyftdata.config.BadSetting;
import io.lyftdata.crypto.CertifiedKey;
import io.lyftdata.crypto.SigningKey;
import io.lyftdata.db.SqliteFile;
import io.lyftdata.ledger.Change;
import io.lyftdata.ledger.Entry;
import io.lyftdata.ledger.Ledger;
import io.lyftdata.ledger.Position;
import io.lyftdata.ledger.Topic;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The ledger of the restored state, which begins an epoch: this host's own, so that nobody comes back who was shut out
 * since the backup; without it a new one, that lets nobody in but by proof.
 *
 * @param sequence of the epoch
 * @param shutOut workers that the ledger keeps out
 */
record NewLedger(boolean isKept, long sequence, List<String> shutOut, List<String> retiredAuthorities) {
    private static final Logger LOG = LoggerFactory.getLogger(NewLedger.class);
    private static final Map<String, String> BY = Map.of("by", "host restore");

    /** @param present this installation's ledger on this host; empty: there is none to go by */
    static NewLedger make(Unpacked unpacked, Path target, Optional<Path> present, SigningKey key, Clock clock)
            throws IOException {
        Manifest manifest = unpacked.manifest();
        Optional<Position> known =
                Optional.ofNullable(manifest.ledger()).map(place -> new Position(place.sequence(), place.hash()));
        if (present.isPresent() && Files.exists(present.get())) {
            Files.copy(present.get(), target);
            try (Ledger ledger = Ledger.open(target, manifest.installation(), key, clock, known)) {
                ledger.append(epoch());
                return of(ledger, true);
            } catch (BadSetting e) {
                LOG.warn("the ledger cannot be used, so the restore goes on as without one: {}", e.getMessage());
                Files.delete(target);
            }
        }
        try (Ledger ledger = Ledger.begin(target, manifest.installation(), key, clock, known)) {
            List<Change> changes = new ArrayList<>(epoch());
            changes.add(new Change(Topic.TOKEN, Change.ALL, "revoked", BY));
            changes.addAll(passwords(unpacked.database()));
            ledger.append(changes);
            return of(ledger, false);
        }
    }

    private static NewLedger of(Ledger ledger, boolean isKept) {
        List<String> out = ledger.all(Topic.WORKER).stream()
                .filter(entry -> entry.says("isolated") || entry.says("removed"))
                .map(entry -> entry.change().subject())
                .sorted()
                .toList();
        List<String> retired = ledger.all(Topic.CA).stream()
                .filter(entry -> entry.says("retired"))
                .map(entry -> entry.change().subject())
                .toList();
        long sequence =
                ledger.last(Topic.EPOCH, Change.ALL).map(Entry::sequence).orElseThrow();
        return new NewLedger(isKept, sequence, out, retired);
    }

    private static List<Change> epoch() {
        return List.of(
                new Change(Topic.EPOCH, Change.ALL, "begun", BY),
                new Change(Topic.SESSION, Change.ALL, "cut-off", BY),
                new Change(Topic.ENROLLMENT, Change.ALL, "off", BY));
    }

    /** Nobody knows which of them were changed since, so each is a former one. */
    private static List<Change> passwords(Path database) throws IOException {
        List<Change> changes = new ArrayList<>();
        try (Connection connection = SqliteFile.openToRead(database);
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SELECT name, generation FROM account")) {
            while (rows.next()) {
                String next = Long.toString(rows.getLong(2) + 1);
                changes.add(new Change(Topic.PASSWORD, rows.getString(1), "changed", BY).with("generation", next));
            }
            return changes;
        } catch (SQLException e) {
            throw new IOException("the restored database could not be read", e);
        }
    }

    /** Whether one of the directory's certificates is of an authority that was retired. */
    boolean retires(Path tls) throws IOException {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(tls, "*.crt")) {
            for (Path file : files) {
                if (retiredAuthorities.contains(pin(file))) {
                    return true;
                }
            }
            return false;
        }
    }

    private static String pin(Path file) throws IOException {
        try {
            return CertifiedKey.pin((X509Certificate) CertificateFactory.getInstance("X.509")
                    .generateCertificate(new ByteArrayInputStream(Files.readAllBytes(file))));
        } catch (CertificateException e) {
            return "";
        }
    }
}
