package io.lyftdata.testing;

import io.lyftdata.api.AuditHead;
import io.lyftdata.api.AutoEnrollment;
import io.lyftdata.api.Enroll;
import io.lyftdata.api.Heartbeat;
import io.lyftdata.api.WorkerKey;
import io.lyftdata.api.Workers.IssuedKey;
import io.lyftdata.api.rotation.Recover;
import io.lyftdata.client.ApiClient;
import io.lyftdata.config.Secret;
import io.lyftdata.crypto.Identity;
import io.lyftdata.crypto.KeyString;
import io.lyftdata.crypto.Randomness;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** A worker without a process: its identity, its key, and the calls that a worker makes. */
public record TestWorker(String id, Identity identity, KeyString key, ApiClient api) {
    private static final Map<TestServer, String> SECRETS = new ConcurrentHashMap<>();

    /** The server's enrollment secret; enabled when asked for the first time. */
    public static String secret(TestServer server) {
        return SECRETS.computeIfAbsent(
                server,
                it -> it.admin()
                        .post(
                                "/api/workers/auto-enrollment",
                                new AutoEnrollment.Change(true, null),
                                AutoEnrollment.View.class)
                        .enrollmentSecret());
    }

    /** Joins by the enrollment secret. */
    public static TestWorker enroll(TestServer server, String name) {
        return enroll(server, name, Map.of());
    }

    /** The same with labels that count. */
    public static TestWorker enroll(TestServer server, String name, Map<String, String> labels) {
        return enrollBy(server, secret(server), name, labels);
    }

    /** The same by that enrollment secret. */
    public static TestWorker enrollBy(TestServer server, String secret, String name, Map<String, String> labels) {
        Identity identity = Identity.generate();
        KeyString key = KeyString.generate(KeyString.Kind.WORKER);
        Enroll.Request wish = new Enroll.Request(
                name,
                labels,
                key.id(),
                key.hash(),
                identity.publicKey(),
                Instant.now().toEpochMilli(),
                null);
        String id = server.client()
                .authorized("Enrollment", new Secret(secret))
                .post(Enroll.PATH, wish.signed(identity.sign(wish.signedBytes())), Enroll.Answer.class)
                .workerId();
        return new TestWorker(id, identity, key, api(server, key));
    }

    /** Registers a key and identity of its own by a bootstrap key. */
    public static TestWorker register(TestServer server, IssuedKey bootstrap, Identity identity) {
        KeyString key = KeyString.generate(KeyString.Kind.WORKER);
        WorkerKey.Request wish = new WorkerKey.Request(
                key.id(), key.hash(), identity.publicKey(), Instant.now().toEpochMilli(), null);
        server.client()
                .authorized("Bearer", new Secret(bootstrap.key()))
                .put(
                        WorkerKey.PATH,
                        wish.signed(identity.sign(wish.signedBytes(bootstrap.workerId()))),
                        WorkerKey.Answer.class);
        return new TestWorker(bootstrap.workerId(), identity, key, api(server, key));
    }

    /** The same worker, which calls another server. */
    public TestWorker at(TestServer server) {
        return new TestWorker(id, identity, key, api(server, key));
    }

    /** The same worker with another key. */
    public TestWorker with(TestServer server, KeyString next) {
        return new TestWorker(id, identity, next, api(server, next));
    }

    /** Announces its next key under the present one; the worker that uses it. */
    public TestWorker rotate(TestServer server) {
        KeyString next = KeyString.generate(KeyString.Kind.WORKER);
        WorkerKey.Request wish = new WorkerKey.Request(
                next.id(), next.hash(), identity.publicKey(), Instant.now().toEpochMilli(), null);
        api.put(WorkerKey.PATH, wish.signed(identity.sign(wish.signedBytes(id))), WorkerKey.Answer.class);
        return with(server, next);
    }

    /** Registers another key by its identity; the worker that uses it. */
    public TestWorker recover(TestServer server) {
        return recover(server, Randomness.hex(128));
    }

    /** The same as that process. */
    public TestWorker recover(TestServer server, String instance) {
        try {
            String installation =
                    Files.readString(server.staging().resolve("installation")).strip();
            KeyString next = KeyString.generate(KeyString.Kind.WORKER);
            Recover.Request wish = new Recover.Request(
                    id, next.id(), next.hash(), Instant.now().toEpochMilli(), Randomness.hex(128), null);
            server.client()
                    .with(Heartbeat.INSTANCE_HEADER, instance)
                    .post(
                            Recover.PATH,
                            wish.signed(identity.sign(wish.signedBytes(installation))),
                            WorkerKey.Answer.class);
            return with(server, next);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static ApiClient api(TestServer server, KeyString key) {
        return server.client()
                .authorized("Bearer", new Secret(key.reveal()))
                .with(Heartbeat.INSTANCE_HEADER, Randomness.hex(128));
    }

    /** One heartbeat of a worker that keeps no head. */
    public Heartbeat.Answer beat() {
        return beat(null);
    }

    /** One heartbeat. */
    public Heartbeat.Answer beat(AuditHead seen) {
        return api.post(
                Heartbeat.PATH,
                new Heartbeat.Request("1.0", 1, Map.of(), "pinned", Instant.now(), seen, null),
                Heartbeat.Answer.class);
    }
}
