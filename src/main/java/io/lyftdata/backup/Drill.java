package io.lyftdata.backup;

import com.exceptionfactory.jagged.RecipientStanzaReader;
import io.lyftdata.api.backup.Backups.Step;
import io.lyftdata.api.backup.Backups.Verification;
import io.lyftdata.archive.BadBackup;
import io.lyftdata.archive.Envelope;
import io.lyftdata.archive.Manifest;
import io.lyftdata.archive.Signed;
import io.lyftdata.crypto.SecretFile;
import io.lyftdata.db.Database;
import io.lyftdata.db.DatabaseOpener;
import io.lyftdata.snapshot.Progress;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * Looks at a backup as a restore would, in a directory that is empty again afterwards. Without an identity it sees what
 * anybody can see: the age header, and the signed manifest beside the file. For one thread.
 */
public final class Drill {
    private final Path file;
    private final Predicate<String> believed;
    private final Progress progress;
    private final List<Step> steps = new ArrayList<>();

    /** @param believed whether a manifest signed by the key of this fingerprint counts */
    public Drill(Path file, Predicate<String> believed, Progress progress) {
        this.file = file;
        this.believed = believed;
        this.progress = progress;
    }

    private interface Look {
        String look() throws IOException;
    }

    /** The step that belongs to no identity. */
    public Verification outside() throws IOException {
        String sha256 = BackupFiles.sha256(file);
        boolean whole = look("age header", () -> "sealed for " + count(Envelope.recipients(file), "recipient"))
                && look(
                        "manifest beside the file",
                        () -> label(sha256)
                                .orElseThrow(
                                        () -> new BadBackup("there is none, so that only an identity tells more")));
        return new Verification(name(), sha256, whole, false, steps);
    }

    /** @param directory an empty one, for what is unpacked */
    public Verification inside(List<RecipientStanzaReader> identities, Path directory) throws IOException {
        String sha256 = BackupFiles.sha256(file);
        boolean whole = look("age header", () -> "sealed for " + count(Envelope.recipients(file), "recipient"))
                && look("manifest beside the file", () -> label(sha256).orElse("none, and none is needed"))
                && unpack(identities, directory);
        return new Verification(name(), sha256, whole, whole, steps);
    }

    private String name() {
        return file.getFileName().toString();
    }

    private Optional<String> label(String sha256) throws IOException {
        String text;
        try {
            text = Files.readString(file.resolveSibling(name() + Label.SUFFIX));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
        Signed signed = Signed.parse(text);
        Label label = signed.content(Label.class);
        if (!believed.test(signed.signer())) {
            throw new BadBackup("it is signed by another installation's key, " + signed.signer());
        }
        if (!Label.PURPOSE.equals(label.purpose()) || !sha256.equals(label.sha256())) {
            throw new BadBackup("it is the manifest of another file, or the file was changed");
        }
        return Optional.of("fits, signed by " + signed.signer());
    }

    private boolean unpack(List<RecipientStanzaReader> identities, Path directory) {
        Unpacked[] unpacked = new Unpacked[1];
        try (DatabaseOpener opener = new DatabaseOpener()) {
            Database[] database = new Database[1];
            return look("archive", () -> {
                        unpacked[0] = Unpacked.into(directory, file, identities, believed, progress);
                        return count(unpacked[0].manifest().members().size(), "file") + ", signed by "
                                + unpacked[0].signer();
                    })
                    && look("database", () -> {
                        progress.at("checking the database", 0, 1);
                        unpacked[0].integrity();
                        return "sound";
                    })
                    && look("contents", () -> {
                        database[0] = unpacked[0].open(opener);
                        return "as in the manifest: " + contents(unpacked[0].manifest());
                    })
                    && look("audit log", () -> {
                        progress.at("verifying the audit log", 0, 1);
                        return "whole up to position " + unpacked[0].verifyChain(database[0]);
                    });
        } catch (SQLException e) {
            throw new UncheckedIOException(new IOException("the scratch database did not close", e));
        }
    }

    private static String contents(Manifest manifest) {
        return manifest.counts()
                + (manifest.lacks().isEmpty()
                        ? ""
                        : "; it lacks " + String.join(", ", manifest.lacks())
                                + ", which could not be read when it was made");
    }

    private boolean look(String what, Look look) {
        try {
            steps.add(new Step(what, true, look.look()));
            return true;
        } catch (BadBackup e) {
            steps.add(new Step(what, false, e.getMessage()));
            return false;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String count(int count, String noun) {
        return count + " " + noun + (count == 1 ? "" : "s");
    }

    /** A directory for one drill, which is deleted with all that is in it. */
    public static Verification in(Path parent, DrillIn drill) throws IOException {
        SecretFile.createDirectory(parent);
        Path directory = Files.createTempDirectory(parent, ".lyftdata-drill-");
        try {
            return drill.run(directory);
        } finally {
            SecretFile.deleteTree(directory);
        }
    }

    /** What is done in the directory. */
    public interface DrillIn {
        Verification run(Path directory) throws IOException;
    }
}
