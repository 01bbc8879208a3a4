package io.lyftdata.backup;

import io.lyftdata.archive.ArchiveWriter;
import io.lyftdata.archive.Manifest;
import io.lyftdata.archive.Manifest.Member;
import io.lyftdata.archive.Names;
import io.lyftdata.archive.Signed;
import io.lyftdata.crypto.Digests;
import io.lyftdata.crypto.SecretFile;
import io.lyftdata.db.SqliteFile;
import io.lyftdata.snapshot.ControlCopy;
import io.lyftdata.snapshot.Progress;
import io.lyftdata.snapshot.Scratch;
import java.io.ByteArrayInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;

/** Puts one backup together; what it needs on the way lies in the staging directory, and is gone afterwards. */
record Making(Backups.Origin origin, List<String> recipients, Clock clock) {

    /** @param place gives the finished file its name */
    Label make(BackupFiles files, String name, Progress progress, Consumer<BackupFiles.Partial> place)
            throws IOException {
        Path scratch = newScratch();
        try {
            ControlCopy copy = ControlCopy.make(origin.database(), scratch, progress);
            Map<String, byte[]> small = small(copy);
            Manifest manifest = manifest(copy, scratch, small);
            ArchiveWriter writer = new ArchiveWriter(origin.key(), recipients);
            BackupFiles.Partial partial = files.write(
                    name, out -> writer.write(out, manifest, member -> open(member, scratch, small, progress)));
            Label label = new Label(Label.PURPOSE, name, partial.size(), partial.sha256(), recipients, manifest);
            files.label(name, Signed.of(label, origin.key()).text());
            place.accept(partial);
            return label;
        } finally {
            SqliteFile.delete(scratch);
        }
    }

    private Path newScratch() throws IOException {
        SecretFile.createDirectory(scratchDirectory());
        return Scratch.newFile(scratchDirectory());
    }

    private Path scratchDirectory() {
        return origin.staging().resolve("backups");
    }

    /** Removes what a crash left. */
    void clear() throws IOException {
        new BackupFiles(scratchDirectory()).clear();
    }

    /** All members but the database; each is the same in the manifest and in the archive. */
    private Map<String, byte[]> small(ControlCopy copy) throws IOException {
        Map<String, byte[]> small = new TreeMap<>();
        for (String name : List.of(Names.INSTALLATION, Names.SIGNING_KEY)) {
            small.put(name, Files.readAllBytes(origin.staging().resolve(name)));
        }
        small.put(Names.SETTINGS, (copy.settings() + "\n").getBytes(StandardCharsets.UTF_8));
        Path tls = origin.staging().resolve(Names.TLS);
        if (!Files.isDirectory(tls)) {
            // With a certificate that was given, the server has none of its own.
            return small;
        }
        try (DirectoryStream<Path> found = Files.newDirectoryStream(tls, Files::isRegularFile)) {
            for (Path file : found) {
                String name = Names.TLS + file.getFileName();
                if (Names.isName(name)) {
                    small.put(name, Files.readAllBytes(file));
                }
            }
        }
        return small;
    }

    private Manifest manifest(ControlCopy copy, Path database, Map<String, byte[]> small) throws IOException {
        List<Member> members = new ArrayList<>();
        small.forEach((name, content) -> members.add(new Member(name, content.length, Digests.sha256Hex(content))));
        members.add(new Member(Names.DATABASE, Files.size(database), BackupFiles.sha256(database)));
        return new Manifest(
                Manifest.PURPOSE,
                origin.installation(),
                clock.instant(),
                Optional.ofNullable(Making.class.getPackage().getImplementationVersion())
                        .orElse("unknown"),
                copy.schema(),
                copy.engine(),
                copy.counts(),
                copy.revision(),
                copy.ledger(),
                copy.audit(),
                members);
    }

    private static InputStream open(Member member, Path database, Map<String, byte[]> small, Progress progress)
            throws IOException {
        return member.name().equals(Names.DATABASE)
                ? new Watched(Files.newInputStream(database), member.size(), progress)
                : new ByteArrayInputStream(small.get(member.name()));
    }

    /** Tells how much of it was read. */
    private static final class Watched extends FilterInputStream {
        private final long total;
        private final Progress progress;
        private long read;

        private Watched(InputStream in, long total, Progress progress) {
            super(in);
            this.total = total;
            this.progress = progress;
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
            int count = super.read(bytes, offset, length);
            read += Math.max(0, count);
            progress.at("sealing", read, total);
            return count;
        }
    }
}
