package io.lyftdata.agent;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.lyftdata.api.AuditHead;
import io.lyftdata.client.Json;
import io.lyftdata.client.Trust;
import io.lyftdata.config.BadSetting;
import io.lyftdata.config.PrivateFiles;
import io.lyftdata.crypto.Identity;
import io.lyftdata.crypto.KeyString;
import io.lyftdata.crypto.SecretFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a worker keeps in its jobs directory (0700; files 0600, each replaced whole): {@code identity.pem}, {@code
 * worker.key}, {@code next.key}, {@code worker.json}, {@code ca.pem}, {@code audit-head.json}. One process at a time has it. Used by one thread.
 */
final class WorkerState implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(WorkerState.class);
    static final String NEXT = "next.key";
    static final String AUDIT_HEAD = "audit-head.json";

    /**
     * @param workerId as which the worker asked to join, and once joined, is known
     * @param installation the server's; null when the answer that named it was lost
     * @param server the URL it was told to call
     * @param joined whether the server is known to have its key
     * @param caRevision of the kept bundle; null: none is kept
     * @param knownPins of the authorities that the kept bundle replaces
     */
    record Facts(
            String workerId,
            String installation,
            String server,
            boolean joined,
            String caRevision,
            List<String> knownPins) {
        Facts {
            knownPins = knownPins == null ? List.of() : List.copyOf(knownPins);
        }

        Facts joinedAs(String id, String atInstallation) {
            return new Facts(id, atInstallation, server, true, caRevision, knownPins);
        }

        Facts at(String url) {
            return new Facts(workerId, installation, url, joined, caRevision, knownPins);
        }

        Facts withBundle(String revision, List<String> replaced) {
            return new Facts(workerId, installation, server, joined, revision, replaced);
        }
    }

    private final Path directory;
    private final FileChannel lockFile;
    private Optional<Identity> identity;
    private Optional<KeyString> key;
    private Optional<KeyString> next;
    private Optional<String> bundle;
    private Optional<Facts> facts;
    private Optional<AuditHead> auditHead;
    private boolean isHeadLost;

    private WorkerState(Path directory, FileChannel lockFile) throws IOException {
        this.directory = directory;
        this.lockFile = lockFile;
        this.identity = read("identity.pem").map(pem -> whole(Identity.fromPem(pem), "identity.pem"));
        this.key = read("worker.key").map(text -> whole(KeyString.parse(text.strip()), "worker.key"));
        // Damaged, or left by a crash after it was adopted: it is worth nothing then.
        this.next = read(NEXT)
                .flatMap(text -> KeyString.parse(text.strip()))
                .filter(some -> key.filter(held -> held.id().equals(some.id())).isEmpty());
        this.bundle = read("ca.pem");
        this.facts = read("worker.json")
                .map(json -> parse(json, Facts.class).orElseThrow(() -> damaged(directory.resolve("worker.json"))));
        this.auditHead =
                read(AUDIT_HEAD).flatMap(json -> parse(json, AuditHead.class)).filter(AuditHead::hasShape);
        if (bundle.isPresent() && Trust.pinsOf(bundle.get()).isEmpty()) {
            throw damaged(directory.resolve("ca.pem"));
        }
        if (facts.isPresent() && (identity.isEmpty() || key.isEmpty())) {
            throw new BadSetting(directory + " has lost " + (identity.isEmpty() ? "identity.pem" : "worker.key")
                    + ": put it back from a copy, or empty the directory and join anew after \"lyftdata workers"
                    + " reset\"");
        }
    }

    /** @throws BadSetting when the directory is taken, damaged, or open to others */
    static WorkerState open(Path directory) {
        try {
            SecretFile.createDirectory(directory);
            requirePrivate(directory, "700");
            FileChannel lockFile = JobsLock.take(directory);
            try {
                return new WorkerState(directory, lockFile);
            } catch (IOException | RuntimeException e) {
                lockFile.close();
                throw e;
            }
        } catch (IOException e) {
            throw new BadSetting("--jobs-dir (LYFTDATA_JOBS_DIR): " + directory
                    + " cannot be used: check that it is a directory that this user owns, on a disk with space");
        }
    }

    private static void requirePrivate(Path path, String mode) throws IOException {
        if (PrivateFiles.isOpenToOthers(path)) {
            throw new BadSetting("others can read or write " + path + ": run chmod " + mode + " " + path);
        }
    }

    /** Whether identity and key are both on disk. */
    boolean isMade() {
        return identity.isPresent() && key.isPresent();
    }

    /** Makes what is missing of identity and key; on return both are on disk, and neither ever changes by this. */
    void make() {
        if (identity.isEmpty()) {
            Identity made = Identity.generate();
            write("identity.pem", made.toPem());
            identity = Optional.of(made);
        }
        if (key.isEmpty()) {
            KeyString made = KeyString.generate(KeyString.Kind.WORKER);
            write("worker.key", made.reveal() + "\n");
            key = Optional.of(made);
        }
    }

    /** Only after {@link #make()}. */
    Identity identity() {
        return identity.orElseThrow();
    }

    /** Only after {@link #make()}. */
    KeyString key() {
        return key.orElseThrow();
    }

    /** The key that is to follow, until the server has accepted it. */
    Optional<KeyString> next() {
        return next;
    }

    /** Makes the key that is to follow; on return it is on disk. */
    KeyString makeNext() {
        KeyString made = KeyString.generate(KeyString.Kind.WORKER);
        write(NEXT, made.reveal() + "\n");
        next = Optional.of(made);
        return made;
    }

    /** The next key takes the place of the one before; on disk it is one or the other, never none. */
    void adoptNext() {
        key = next;
        write("worker.key", key().reveal() + "\n");
        dropNext();
    }

    /** The server does not know it. */
    void dropNext() {
        next = Optional.empty();
        try {
            Files.deleteIfExists(directory.resolve(NEXT));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Empty until the worker first asked to join. */
    Optional<Facts> facts() {
        return facts;
    }

    boolean isJoined() {
        return facts.map(Facts::joined).orElse(false);
    }

    void save(Facts changed) {
        write("worker.json", json(changed));
        facts = Optional.of(changed);
    }

    /** The authorities that the server handed out, as PEM. */
    Optional<String> bundle() {
        return bundle;
    }

    void saveBundle(String pem) {
        write("ca.pem", pem);
        bundle = Optional.of(pem);
    }

    /** The newest head of the server's audit log that this worker has seen. */
    Optional<AuditHead> auditHead() {
        return auditHead;
    }

    /**
     * Keeps the head when it is newer than the one before, so that a server that was rolled back within a segment does
     * not take its own proof back. Without space on the disk it is kept in memory: a heartbeat is worth more.
     *
     * @param seen null: the server sent none
     */
    void witness(AuditHead seen) {
        if (seen == null
                || !seen.hasShape()
                || auditHead.filter(kept -> !seen.isNewerThan(kept)).isPresent()) {
            return;
        }
        auditHead = Optional.of(seen);
        try {
            write(AUDIT_HEAD, json(seen));
            isHeadLost = false;
        } catch (UncheckedIOException e) {
            if (!isHeadLost) {
                LOG.warn("the server's audit head cannot be kept in {}: check its disk and owner", directory);
            }
            isHeadLost = true;
        }
    }

    private Optional<String> read(String name) throws IOException {
        Path file = directory.resolve(name);
        if (Files.exists(file)) {
            requirePrivate(file, "600");
        }
        return SecretFile.read(file);
    }

    private void write(String name, String content) {
        try {
            SecretFile.write(directory.resolve(name), content);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String json(Object value) {
        try {
            return Json.MAPPER.writeValueAsString(value);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a record that is no JSON", e);
        }
    }

    static <T> Optional<T> parse(String json, Class<T> type) {
        try {
            return Optional.ofNullable(Json.MAPPER.readValue(json, type));
        } catch (JsonProcessingException e) {
            return Optional.empty();
        }
    }

    private <T> T whole(Optional<T> parsed, String name) {
        return parsed.orElseThrow(() -> damaged(directory.resolve(name)));
    }

    static BadSetting damaged(Path file) {
        return new BadSetting(file + " is damaged: put it back from a copy, or empty " + file.getParent()
                + " and join anew after \"lyftdata workers reset\"");
    }

    @Override
    public void close() {
        try {
            lockFile.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
