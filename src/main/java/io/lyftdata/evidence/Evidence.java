package io.lyftdata.evidence;

import io.lyftdata.api.Code;
import io.lyftdata.api.Refusal;
import io.lyftdata.archive.ArchiveWriter;
import io.lyftdata.audit.Action;
import io.lyftdata.audit.Audit;
import io.lyftdata.audit.Event;
import io.lyftdata.auth.Caller;
import io.lyftdata.backup.BackupFiles;
import io.lyftdata.backup.Backups;
import io.lyftdata.crypto.Randomness;
import io.lyftdata.crypto.SecretFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Puts evidence together, one archive at a time, which only the backups' recipients can open. It is under its name whole
 * and on disk, mode 0600, with an audit record, or not at all. Safe for use by many threads.
 */
public final class Evidence {
    private static final Logger LOG = LoggerFactory.getLogger(Evidence.class);
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("uuuuMMdd'T'HHmmss'Z'");

    private final Backups.Origin origin;
    private final Audit audit;
    private final List<String> recipients;
    private final Sources sources;
    private final Clock clock;
    private final BackupFiles files;

    /** @param recipients age X25519 public keys; without one none is collected */
    public Evidence(Backups.Origin origin, Audit audit, List<String> recipients, Sources sources, Clock clock) {
        this.origin = origin;
        this.audit = audit;
        this.recipients = List.copyOf(recipients);
        this.sources = sources;
        this.clock = clock;
        this.files = new BackupFiles(directory(origin.staging()));
    }

    static Path directory(Path staging) {
        return staging.resolve("incident");
    }

    static Path keptPosture(Path staging, String incident) {
        return directory(staging).resolve(incident + ".posture.json");
    }

    /** Removes what a crash left unfinished. */
    public void clear() throws IOException {
        files.clear();
    }

    /** Keeps the posture as it is now, before anything is done about the incident. */
    public void keepPosture(String incident) {
        try {
            SecretFile.write(
                    keptPosture(origin.staging(), incident),
                    Sources.bytes(sources.posture().look()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Whether it can be collected: somebody is to open it. */
    public boolean hasRecipients() {
        return !recipients.isEmpty();
    }

    /**
     * Collects it; durable on return.
     *
     * @throws Refusal {@code conflict} when nobody could open it, {@code storage_full} or {@code unavailable} when it
     *     cannot be written; nothing is left of it then
     */
    public synchronized Collected collect(Caller caller, Window window) {
        if (!hasRecipients()) {
            throw new Refusal(
                    Code.CONFLICT,
                    "evidence needs a recipient who can open it: make a key with age-keygen on another host, put its"
                            + " public part, age1…, under backup.recipients in the configuration, and restart");
        }
        Instant now = clock.instant();
        String name =
                "lyftdata-evidence-" + window.incident() + "-" + TIME.format(now.atOffset(ZoneOffset.UTC)) + ".tar.age";
        Path scratch = files.directory().resolve(".lyftdata-" + Randomness.hex(64));
        try {
            SecretFile.createDirectory(scratch);
            try (Parts parts = new Parts(scratch)) {
                return seal(caller, window, now, name, parts);
            } finally {
                SecretFile.deleteTree(scratch);
            }
        } catch (IOException | UncheckedIOException e) {
            throw refusal(e);
        }
    }

    private Collected seal(Caller caller, Window window, Instant now, String name, Parts parts) throws IOException {
        Ends ends = new Ends();
        sources.fill(parts, window, ends);
        EvidenceManifest manifest = new EvidenceManifest(
                EvidenceManifest.PURPOSE,
                origin.installation(),
                window.incident(),
                window.since(),
                now,
                Sources.product(),
                ends.first(),
                ends.last(),
                parts.missing(),
                parts.members());
        ArchiveWriter writer = new ArchiveWriter(origin.key(), recipients);
        BackupFiles.Partial partial =
                files.write(name, out -> writer.write(out, manifest, now, manifest.members(), parts::open));
        Collected collected = new Collected(
                name, partial.size(), partial.sha256(), parts.members().size(), parts.missing());
        record(caller, window, partial, collected);
        LOG.info("{} collected evidence {}, {} bytes", caller.id(), name, partial.size());
        return collected;
    }

    private void record(Caller caller, Window window, BackupFiles.Partial partial, Collected collected)
            throws IOException {
        try {
            origin.database().write(tx -> {
                audit.record(
                        tx,
                        caller,
                        Event.of(Action.EVIDENCE_COLLECTED, window.incident())
                                .set("file", collected.file())
                                .set("size", collected.size())
                                .set("sha256", collected.sha256())
                                .set("recipients", recipients));
                try {
                    files.place(partial, collected.file());
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
                return null;
            });
        } catch (RuntimeException e) {
            Files.deleteIfExists(partial.path());
            Files.deleteIfExists(files.path(collected.file()));
            throw e;
        }
    }

    private Refusal refusal(Exception e) {
        boolean isFull = String.valueOf(e.getMessage()).contains("No space left on device");
        return new Refusal(
                        isFull ? Code.STORAGE_FULL : Code.UNAVAILABLE,
                        "no evidence was collected: " + files.directory()
                                + (isFull
                                        ? " has no room; make some, and run the step again"
                                        : " cannot be written, or the server's logs not be read; see the server's log"
                                                + " for the reason"))
                .because(e);
    }
}
