package io.lyftdata.backup;

import io.lyftdata.api.Code;
import io.lyftdata.api.Refusal;
import io.lyftdata.api.backup.Backups.Proof;
import io.lyftdata.api.backup.Backups.Verification;
import io.lyftdata.api.backup.Backups.View;
import io.lyftdata.archive.Envelope;
import io.lyftdata.audit.Action;
import io.lyftdata.audit.Audit;
import io.lyftdata.audit.Event;
import io.lyftdata.auth.Caller;
import io.lyftdata.config.BadSetting;
import io.lyftdata.config.PrivateFiles;
import io.lyftdata.crypto.Digests;
import io.lyftdata.snapshot.Progress;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Which backups are proven, and how: each drill leaves a record. Safe for use by many threads. */
public final class Drills {
    private static final Logger LOG = LoggerFactory.getLogger(Drills.class);

    private final Backups.Origin origin;
    private final Backups backups;
    private final Audit audit;
    private final Clock clock;
    private final Map<String, String> environment;

    public Drills(Backups.Origin origin, Backups backups, Audit audit, Clock clock, Map<String, String> environment) {
        this.origin = origin;
        this.backups = backups;
        this.audit = audit;
        this.clock = clock;
        this.environment = Map.copyOf(environment);
    }

    /**
     * Looks at a backup of this installation.
     *
     * @param name null: the newest
     * @param identity path of a file with an age identity; null: looks at it from outside
     * @throws Refusal {@code not_found} or {@code unprocessable}
     */
    synchronized Verification verify(Caller caller, String name, String identity) {
        List<View> all = backups.list();
        View subject = all.stream()
                .filter(view -> name == null || view.name().equals(name))
                .findFirst()
                .orElseThrow(
                        () -> new Refusal(Code.NOT_FOUND, "there is no such backup; lyftdata backup list shows them"));
        Path file = backups.path(subject.name());
        Predicate<String> own = signer -> signer.equals(origin.key().fingerprint());
        try {
            Drill drill = new Drill(file, own, Progress.NONE);
            Verification found = identity == null ? drill.outside() : inside(drill, identity);
            record(caller, found);
            return found;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Verification inside(Drill drill, String identity) throws IOException {
        try {
            String text = PrivateFiles.readSecret(Path.of(identity), environment, "identity");
            var identities = Envelope.identities(text);
            return Drill.in(origin.staging().resolve("backups"), directory -> drill.inside(identities, directory));
        } catch (BadSetting | InvalidPathException e) {
            throw new Refusal(Code.UNPROCESSABLE, e.getMessage());
        }
    }

    private void record(Caller caller, Verification found) {
        record(
                caller,
                found.sha256(),
                found.proven(),
                Event.of(Action.BACKUP_VERIFIED, found.name())
                        .set("whole", found.whole())
                        .set("proven", found.proven()));
        if (found.whole()) {
            LOG.info("backup {} was verified by {}, proven: {}", found.name(), caller.id(), found.proven());
        } else {
            LOG.error("backup {} is not whole: {}", found.name(), found.steps());
        }
    }

    private void record(Caller caller, String sha256, boolean isProven, Event event) {
        origin.database().write(tx -> {
            if (isProven) {
                tx.attach(BackupDao.class).prove(sha256, clock.instant());
            }
            audit.record(tx, caller, event.set("sha256", sha256));
            return null;
        });
    }

    /**
     * Takes it from somebody who has proven the file elsewhere, where the identity is.
     *
     * @throws Refusal {@code not_found} when no backup was made here with that content
     */
    void prove(Caller caller, Proof proof) {
        if (!Digests.isSha256Hex(proof.sha256())) {
            throw new Refusal(Code.UNPROCESSABLE, "sha256 must be the file's SHA-256, 64 lower-case hex digits");
        }
        String name = backups.name(proof.sha256())
                .orElseThrow(() -> new Refusal(Code.NOT_FOUND, "no backup with this SHA-256 was made here"));
        record(
                caller,
                proof.sha256(),
                true,
                Event.of(Action.BACKUP_VERIFIED, name).set("whole", true).set("proven", true));
        LOG.info("backup {} was proven elsewhere by {}", name, caller.id());
    }
}
