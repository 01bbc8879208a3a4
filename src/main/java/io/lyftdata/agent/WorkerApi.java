package io.lyftdata.agent;

import io.lyftdata.api.Enroll;
import io.lyftdata.api.Heartbeat;
import io.lyftdata.api.LogLine;
import io.lyftdata.api.WorkerKey;
import io.lyftdata.api.fleet.MetricsPush;
import io.lyftdata.api.rotation.Recover;
import io.lyftdata.client.ApiClient;
import io.lyftdata.client.ApiFailure;
import io.lyftdata.config.Secret;
import io.lyftdata.crypto.KeyString;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.zip.GZIPOutputStream;

/** A worker's calls, each under its key and with its instance; every one throws {@link ApiFailure} unless it succeeds. */
final class WorkerApi {
    private final ApiClient client;
    private final ApiClient asWorker;

    WorkerApi(ApiClient client, String instance, Secret key) {
        this(client.with(Heartbeat.INSTANCE_HEADER, instance), key);
    }

    private WorkerApi(ApiClient client, Secret key) {
        this.client = client;
        this.asWorker = client.authorized("Bearer", key);
    }

    /** The same under another key, over the same connections. */
    WorkerApi under(KeyString key) {
        return new WorkerApi(client, new Secret(key.reveal()));
    }

    Heartbeat.Answer heartbeat(Heartbeat.Request request) {
        return asWorker.post(Heartbeat.PATH, request, Heartbeat.Answer.class);
    }

    /**
     * Sends what the worker measured.
     *
     * @param exposition in the text format 0.0.4
     * @return the families that the server does not show; empty when it shows them all
     */
    String putMetrics(byte[] exposition) {
        Map<String, String> headers = Map.of("Content-Type", "text/plain; version=0.0.4", "Content-Encoding", "gzip");
        return asWorker.send("PUT", MetricsPush.PATH, Map.of(), headers, gzipped(exposition))
                .headers()
                .firstValue(MetricsPush.LEFT_OUT_HEADER)
                .orElse("");
    }

    /** @param batchId the same for every attempt to send the same lines: the server stores them once */
    void postLogs(String batchId, byte[] gzippedNdjson) {
        Map<String, String> headers =
                Map.of("Content-Type", LogLine.MEDIA_TYPE, "Content-Encoding", "gzip", LogLine.BATCH_HEADER, batchId);
        asWorker.send("POST", "/api/worker/logs", Map.of(), headers, gzippedNdjson);
    }

    Enroll.Answer enroll(Enroll.Request request, Secret enrollmentSecret) {
        return client.authorized("Enrollment", enrollmentSecret).post(Enroll.PATH, request, Enroll.Answer.class);
    }

    WorkerKey.Answer putKey(WorkerKey.Request request, Secret presentKey) {
        return client.authorized("Bearer", presentKey).put(WorkerKey.PATH, request, WorkerKey.Answer.class);
    }

    /** Without a key: the signature says whose call it is. */
    void recover(Recover.Request proof) {
        client.post(Recover.PATH, proof, WorkerKey.Answer.class);
    }

    /** The certificates of the server's authorities, PEM. */
    String authorities() {
        return client.send("GET", "/api/ca", Map.of(), Map.of(), new byte[0]).text();
    }

    /** Whether the server answers at all, whatever it says of itself. */
    void greet() {
        try {
            client.send("GET", "/api/health", Map.of(), Map.of(), new byte[0]);
        } catch (ApiFailure failure) {
            if (!failure.isAnswered()) {
                throw failure;
            }
        }
    }

    private static byte[] gzipped(byte[] plain) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(bytes)) {
            gzip.write(plain);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }
}
