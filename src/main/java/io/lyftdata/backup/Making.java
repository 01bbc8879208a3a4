package io.lyftdata.backup;

import io.lyftdata.archive.ArchiveWriter;
import io.lyftdata.archive.Manifest;
import io.lyftdata.archive.Manifest.Member;
import io.lyftdata.archive.Names;
import io.lyftdata.archive.Signed;
import io.lyftdata.crypto.Digests;
import io.lyftdata.crypto.Randomness;
import io.lyftdata.crypto.SecretFile;
import io.lyftdata.snapshot.ControlCopy;
import io.lyftdata.snapshot.Progress;
import io.lyftdata.snapshot.TelemetryCopy;
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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.BiConsumer;

/** Puts one backup together; what it needs on the way lies in the staging directory, and is gone afterwards. */
record Making(Backups.Origin origin, List<String> recipients, Clock clock) {

    /**
     * @param telemetry whether logs and metrics are in it too
     * @param place gives the finished file its name
     */
    Label make(
            BackupFiles files,
            String name,
            boolean telemetry,
            Progress progress,
            BiConsumer<BackupFiles.Partial, Manifest> place)
            throws IOException {
        Path scratch = newScratch();
        try {
            Path database = scratch.resolve(Names.DATABASE);
            SecretFile.createEmpty(database);
            ControlCopy copy = ControlCopy.make(origin.database(), database, progress);
            Map<String, Path> large = new LinkedHashMap<>(Map.of(Names.DATABASE, database));
            Map<String, Long> counts = new LinkedHashMap<>(copy.counts());
            List<String> lacks = List.of();
            if (telemetry) {
                TelemetryCopy more = TelemetryCopy.make(origin.staging(), scratch, progress);
                large.putAll(more.files());
                counts.putAll(more.counts());
                lacks = more.lacks();
            }
            Map<String, byte[]> small = small(copy);
            Manifest manifest = manifest(copy, counts, lacks, members(large, small));
            ArchiveWriter writer = new ArchiveWriter(origin.key(), recipients);
            BackupFiles.Partial partial = files.write(
                    name, out -> writer.write(out, manifest, member -> open(member, large, small, progress)));
            Label label = new Label(Label.PURPOSE, name, partial.size(), partial.sha256(), recipients, manifest);
            files.writeLabel(name, Signed.of(label, origin.key()).text());
            place.accept(partial, manifest);
            return label;
        } finally {
            SecretFile.deleteTree(scratch);
        }
    }

    private Path newScratch() throws IOException {
        Path scratch = scratchDirectory().resolve(".lyftdata-" + Randomness.hex(64));
        SecretFile.createDirectory(scratch);
        return scratch;
    }

    private Path scratchDirectory() {
        return origin.staging().resolve("backups");
    }

    /** Removes what a crash left. */
    void clear() throws IOException {
        new BackupFiles(scratchDirectory()).clear();
    }

    /** All members that fit into memory; each is the same in the manifest and in the archive. */
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

    private static List<Member> members(Map<String, Path> large, Map<String, byte[]> small) throws IOException {
        List<Member> members = new ArrayList<>();
        small.forEach((name, content) -> members.add(new Member(name, content.length, Digests.sha256Hex(content))));
        for (Map.Entry<String, Path> file : large.entrySet()) {
            Path path = file.getValue();
            members.add(new Member(file.getKey(), Files.size(path), BackupFiles.sha256(path)));
        }
        return members;
    }

    private Manifest manifest(ControlCopy copy, Map<String, Long> counts, List<String> lacks, List<Member> members) {
        return new Manifest(
                Manifest.PURPOSE,
                origin.installation(),
                clock.instant(),
                Optional.ofNullable(Making.class.getPackage().getImplementationVersion())
                        .orElse("unknown"),
                copy.schema(),
                copy.engine(),
                counts,
                lacks,
                copy.revision(),
                copy.ledger(),
                copy.audit(),
                members);
    }

    private static InputStream open(
            Member member, Map<String, Path> large, Map<String, byte[]> small, Progress progress) throws IOException {
        Path file = large.get(member.name());
        return file == null
                ? new ByteArrayInputStream(small.get(member.name()))
                : new Watched(Files.newInputStream(file), member.size(), progress);
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
