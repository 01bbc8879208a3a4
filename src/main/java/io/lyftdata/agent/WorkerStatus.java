package io.lyftdata.agent;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.lyftdata.api.AuditHead;
import io.lyftdata.client.Trust;
import io.lyftdata.config.BadSetting;
import io.lyftdata.crypto.Identity;
import io.lyftdata.crypto.KeyString;
import io.lyftdata.crypto.SecretFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * A worker as its jobs directory has it, for people; public ids and public keys only, never a secret.
 *
 * @param running whether a process has the directory
 * @param workerId null until it first asked to join
 * @param joined whether the server is known to have its key
 * @param installation the server's; null until it has joined
 * @param server the URL it calls
 * @param keyId of the key in force; null when it is lost
 * @param nextKeyId of the key that is to follow; null: none is
 * @param identityKey the public one; null when it is lost
 * @param caRevision of the authorities that the server handed out; null: the configured trust counts
 * @param pins of these
 * @param auditHead the newest that it has seen of the server's audit log
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record WorkerStatus(
        String directory,
        boolean running,
        String workerId,
        boolean joined,
        String installation,
        String server,
        String keyId,
        String nextKeyId,
        String identityKey,
        String caRevision,
        List<String> pins,
        AuditHead auditHead) {
    /**
     * Reads it beside a worker that may be running, and changes nothing.
     *
     * @return empty when the directory holds no worker
     * @throws BadSetting when a file cannot be read, or is damaged
     */
    public static Optional<WorkerStatus> read(Path directory) {
        try {
            Optional<WorkerState.Facts> facts =
                    parsed(directory.resolve("worker.json"), json -> WorkerState.parse(json, WorkerState.Facts.class));
            Optional<String> identity =
                    parsed(directory.resolve("identity.pem"), Identity::fromPem).map(Identity::publicKey);
            Optional<String> key = key(directory, "worker.key");
            return facts.isEmpty() && identity.isEmpty() && key.isEmpty()
                    ? Optional.empty()
                    : Optional.of(of(directory, facts, identity, key));
        } catch (IOException e) {
            throw new BadSetting("--jobs-dir (LYFTDATA_JOBS_DIR): " + directory
                    + " cannot be read: run this as the user of the worker");
        }
    }

    private static WorkerStatus of(
            Path directory, Optional<WorkerState.Facts> facts, Optional<String> identity, Optional<String> key)
            throws IOException {
        Optional<WorkerState.Facts> joined = facts.filter(WorkerState.Facts::joined);
        return new WorkerStatus(
                directory.toString(),
                JobsLock.isTaken(directory),
                facts.map(WorkerState.Facts::workerId).orElse(null),
                joined.isPresent(),
                joined.map(WorkerState.Facts::installation).orElse(null),
                facts.map(WorkerState.Facts::server).orElse(null),
                key.orElse(null),
                key(directory, WorkerState.NEXT)
                        .filter(next -> !Optional.of(next).equals(key))
                        .orElse(null),
                identity.orElse(null),
                facts.map(WorkerState.Facts::caRevision).orElse(null),
                SecretFile.read(directory.resolve("ca.pem")).map(Trust::pinsOf).orElse(List.of()),
                parsed(
                                directory.resolve(WorkerState.AUDIT_HEAD),
                                json -> WorkerState.parse(json, AuditHead.class).filter(AuditHead::hasShape))
                        .orElse(null));
    }

    private static Optional<String> key(Path directory, String name) throws IOException {
        return parsed(directory.resolve(name), text -> KeyString.parse(text.strip()))
                .map(KeyString::id);
    }

    private static <T> Optional<T> parsed(Path file, Function<String, Optional<T>> parser) throws IOException {
        Optional<String> text = SecretFile.read(file);
        return text.isEmpty()
                ? Optional.empty()
                : Optional.of(parser.apply(text.get()).orElseThrow(() -> WorkerState.damaged(file)));
    }
}
