package io.lyftdata.backup;

import io.lyftdata.api.Code;
import io.lyftdata.api.Refusal;
import io.lyftdata.api.backup.Backups.Pruned;
import io.lyftdata.api.backup.Backups.View;
import io.lyftdata.archive.Manifest;
import io.lyftdata.audit.Action;
import io.lyftdata.audit.Audit;
import io.lyftdata.audit.Event;
import io.lyftdata.auth.Caller;
import io.lyftdata.crypto.SigningKey;
import io.lyftdata.db.Database;
import io.lyftdata.snapshot.Progress;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The backups of this installation; no more than one is made at a time. Safe for use by many threads. */
public final class Backups {
    private static final Logger LOG = LoggerFactory.getLogger(Backups.class);

    private final Origin origin;
    private final Audit audit;
    private final Clock clock;
    private final BackupConfig config;
    private final BackupFiles files;
    private final List<BackupFiles> copies;

    /**
     * What backups are made of.
     *
     * @param staging the staging directory
     */
    public record Origin(Path staging, String installation, SigningKey key, Database database) {}

    public Backups(Origin origin, Audit audit, Clock clock, BackupConfig config) {
        this.origin = origin;
        this.audit = audit;
        this.clock = clock;
        this.config = config;
        this.files = new BackupFiles(config.place(origin.staging()));
        this.copies = config.copies().stream()
                .map(directory -> new BackupFiles(Path.of(directory)))
                .toList();
    }

    /** Removes what a crash left unfinished, in the copies too as far as they can be reached. */
    public void clear() throws IOException {
        new Making(origin, config.recipients(), clock).clear();
        files.clear();
        for (BackupFiles copy : copies) {
            try {
                copy.clear();
            } catch (IOException e) {
                LOG.warn("{} could not be looked through for what a crash left", copy.directory(), e);
            }
        }
    }

    /** @throws Refusal {@code conflict} when nobody could open a backup */
    void requireRecipients() {
        if (config.recipients().isEmpty()) {
            throw new Refusal(
                    Code.CONFLICT,
                    "a backup needs a recipient who can open it: make a key with age-keygen on another host, put its"
                            + " public part, age1…, under backup.recipients in the configuration, and restart");
        }
    }

    /**
     * Makes one, durable on return, and copies it.
     *
     * @param telemetry whether logs and metrics are in it too; the configuration may say so for all
     * @throws Refusal when none was made
     */
    synchronized Made create(Caller caller, boolean telemetry, Progress progress) {
        requireRecipients();
        String name = files.newName(clock.instant());
        try {
            Label label = new Making(origin, config.recipients(), clock)
                    .make(
                            files,
                            name,
                            telemetry || config.telemetry(),
                            progress,
                            (made, manifest) -> record(caller, name, made, manifest));
            LOG.info("{} made backup {}, {} bytes", caller.id(), name, label.size());
            List<String> failures = new ArrayList<>();
            lack(name, label.manifest().lacks()).ifPresent(failures::add);
            failures.addAll(copy(name, label.sha256(), progress));
            return new Made(name, failures);
        } catch (IOException e) {
            LOG.error("backup {} could not be made", name, e);
            throw refusal(e);
        }
    }

    /** @param failures what it lacks, and which copies are missing; empty when all is there */
    record Made(String name, List<String> failures) {}

    private void record(Caller caller, String name, BackupFiles.Partial partial, Manifest manifest) {
        Event made = Event.of(Action.BACKUP_CREATED, name)
                .set("size", partial.size())
                .set("sha256", partial.sha256())
                .set("recipients", config.recipients());
        Event told = manifest.lacks().isEmpty() ? made : made.set("lacks", manifest.lacks());
        try {
            origin.database().write(tx -> {
                tx.attach(BackupDao.class).insert(partial.sha256(), name, clock.instant());
                audit.record(tx, caller, told);
                try {
                    files.place(partial, name);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
                return null;
            });
        } catch (RuntimeException e) {
            forget(name);
            throw e;
        }
    }

    private void forget(String name) {
        try {
            files.delete(name);
        } catch (IOException e) {
            LOG.warn("backup {} has no record and could not be deleted; delete it by hand", name, e);
        }
    }

    private List<String> copy(String name, String sha256, Progress progress) {
        List<String> failures = new ArrayList<>();
        for (BackupFiles copy : copies) {
            progress.at("copying to " + copy.directory(), 0, 1);
            try {
                copy.copyFrom(files, name, sha256);
            } catch (IOException e) {
                LOG.error("backup {} could not be copied to {}", name, copy.directory(), e);
                failures.add(copyFailure(copy.directory(), name));
            }
        }
        return failures;
    }

    /** A sentence when it lacks some. */
    static Optional<String> lack(String name, List<String> files) {
        return files.isEmpty()
                ? Optional.empty()
                : Optional.of(name + " lacks " + String.join(", ", files) + ", which could not be read, and has all"
                        + " else: see the server's log for the reason; a file that cannot be mended is to be moved"
                        + " away, then run: lyftdata backup create --telemetry");
    }

    static String copyFailure(Object directory, String name) {
        return directory + " has no copy of " + name + ": see that it is mounted, can be written and has room,"
                + " then run: lyftdata backup create";
    }

    private Refusal refusal(IOException e) {
        boolean isFull = String.valueOf(e.getMessage()).contains("No space left on device");
        return new Refusal(
                        isFull ? Code.STORAGE_FULL : Code.UNAVAILABLE,
                        "no backup was made: " + files.directory()
                                + (isFull
                                        ? " or the staging directory is full; make room, or name another under"
                                                + " backup.directory"
                                        : " cannot be written; see the server's log for the reason"))
                .because(e);
    }

    /** Their directory, when it cannot be read though some were made. */
    public Optional<Path> lostDirectory() {
        return Optional.of(files.directory()).filter(place -> !Files.isReadable(place) && !rows().isEmpty());
    }

    /** Newest first. */
    public List<View> list() {
        List<BackupDao.Row> rows = rows();
        return names(files).stream().map(name -> view(name, rows)).toList();
    }

    Path path(String name) {
        return files.path(name);
    }

    /** Of the one with that content. */
    Optional<String> name(String sha256) {
        return rows().stream()
                .filter(row -> row.sha256().equals(sha256))
                .map(BackupDao.Row::name)
                .findFirst();
    }

    /** When one was last proven, or the first was made when none ever was; empty as long as there is none. */
    Optional<Instant> unprovenSince() {
        List<BackupDao.Row> rows = rows();
        Optional<Instant> proven = rows.stream()
                .map(BackupDao.Row::provenAt)
                .filter(Objects::nonNull)
                .max(Comparator.naturalOrder());
        return proven.or(() -> rows.stream().map(BackupDao.Row::createdAt).min(Comparator.naturalOrder()));
    }

    View view(String name) {
        return view(name, rows());
    }

    private List<BackupDao.Row> rows() {
        return origin.database().read(tx -> tx.attach(BackupDao.class).newest());
    }

    private View view(String name, List<BackupDao.Row> rows) {
        long size = files.size(name);
        List<String> held = copies.stream()
                .filter(copy -> copy.size(name) == size)
                .map(copy -> copy.directory().toString())
                .toList();
        Optional<Label> label = files.label(name, origin.key().fingerprint());
        if (label.isEmpty()) {
            return new View(name, size, null, null, null, null, List.of(), null, null, held);
        }
        String sha256 = label.get().sha256();
        Manifest manifest = label.get().manifest();
        return new View(
                name,
                size,
                manifest.createdAt(),
                sha256,
                manifest.product(),
                manifest.counts(),
                manifest.lacks(),
                manifest.audit() == null ? null : manifest.audit().position(),
                provenAt(sha256, rows),
                held);
    }

    /** Null for one that was never proven. */
    private static Instant provenAt(String sha256, List<BackupDao.Row> rows) {
        return rows.stream()
                .filter(row -> row.sha256().equals(sha256))
                .findFirst()
                .map(BackupDao.Row::provenAt)
                .orElse(null);
    }

    private static List<String> names(BackupFiles where) {
        try {
            return where.names();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Deletes what the retention does not keep, here and in the copies; never the last proven one. */
    public synchronized Pruned prune(Caller caller) {
        Set<String> kept = Retention.of(config).kept(names(files));
        lastProven().ifPresent(row -> kept.add(row.name()));
        List<String> gone =
                names(files).stream().filter(name -> !kept.contains(name)).toList();
        if (!gone.isEmpty()) {
            audit.record(caller, Event.of(Action.BACKUP_PRUNED, "").change("backups", gone, null));
        }
        try {
            for (String name : gone) {
                files.delete(name);
                for (BackupFiles copy : copies) {
                    copy.delete(name);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        LOG.info("{} pruned {} backups", caller.id(), gone.size());
        return new Pruned(gone);
    }

    /** Of those that are still there. */
    private Optional<BackupDao.Row> lastProven() {
        Set<String> there = Set.copyOf(names(files));
        return rows().stream()
                .filter(row -> row.provenAt() != null && there.contains(row.name()))
                .findFirst();
    }
}
