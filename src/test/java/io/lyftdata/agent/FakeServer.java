package io.lyftdata.agent;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import io.lyftdata.api.AuditHead;
import io.lyftdata.api.Code;
import io.lyftdata.api.Enroll;
import io.lyftdata.api.Heartbeat;
import io.lyftdata.api.Times;
import io.lyftdata.api.WorkerKey;
import io.lyftdata.api.rotation.Recover;
import io.lyftdata.client.Json;
import io.lyftdata.crypto.Digests;
import io.lyftdata.crypto.Identity;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPInputStream;

/** The server's side of a worker's calls, with answers that can be lost, refused or late as a test says. */
final class FakeServer implements HttpHandler {
    static final String SECRET = "s".repeat(40);

    /** What happens to the next call. */
    enum Fate {
        ANSWER,
        /** Done, but the answer never arrives. */
        LOSE,
        /** Not even done. */
        DROP
    }

    record Known(String name, String identity, String keyHash) {}

    private final Clock clock;
    private final Deque<Object> fates = new ArrayDeque<>();
    private final Deque<Object> reportFates = new ArrayDeque<>();
    /** All but metrics and log lines. */
    final List<String> calls = new ArrayList<>();

    final List<String> reports = new ArrayList<>();
    final List<String> instances = new ArrayList<>();
    final Map<String, Known> workers = new HashMap<>();
    final Map<String, String> bodies = new HashMap<>();
    /** By worker, the hash of the key that waits for its first use. */
    final Map<String, String> pending = new HashMap<>();

    boolean keyDue;
    String bootstrapHash = "";
    String caRevision = "1";
    String bundle = "";
    long nextMillis = 15_000;
    AuditHead auditHead;
    AuditHead witnessed;
    Runnable beforeAnswer = () -> {};

    FakeServer(Clock clock) {
        this.clock = clock;
    }

    /** An answer other than 2xx. */
    record No(Code code, Map<String, Object> facts, int retryAfter) {
        No(Code code) {
            this(code, Map.of(), 0);
        }
    }

    /** @param fate a {@link Fate} or a {@link No} for one call, after those given before */
    synchronized FakeServer next(Object... fate) {
        fates.addAll(List.of(fate));
        return this;
    }

    /** The same for metrics and log lines. */
    synchronized void nextReport(Object... fate) {
        reportFates.addAll(List.of(fate));
    }

    @Override
    public synchronized void handle(HttpExchange exchange) throws IOException {
        String call =
                exchange.getRequestMethod() + " " + exchange.getRequestURI().getPath();
        byte[] body = exchange.getRequestBody().readAllBytes();
        if (call.startsWith("HEAD")) { // the client finds out which language this server speaks
            exchange.sendResponseHeaders(200, -1);
            exchange.close();
            return;
        }
        boolean isReport = call.endsWith("/metrics") || call.endsWith("/logs");
        Deque<Object> script = isReport ? reportFates : fates;
        (isReport ? reports : calls).add(call);
        instances.add(exchange.getRequestHeaders().getFirst(Heartbeat.INSTANCE_HEADER));
        beforeAnswer.run();
        Object fate = script.isEmpty() ? Fate.ANSWER : script.poll();
        if (fate == Fate.DROP) {
            exchange.close();
            return;
        }
        Object answer = fate instanceof No no ? no : answer(call, exchange, body);
        if (fate == Fate.LOSE) {
            exchange.close();
        } else if (answer instanceof No no) {
            refuse(exchange, no);
        } else {
            send(exchange, 200, answer instanceof String text ? text.getBytes(StandardCharsets.UTF_8) : json(answer));
        }
    }

    private Object answer(String call, HttpExchange exchange, byte[] body) throws IOException {
        String authorization = exchange.getRequestHeaders().getFirst("Authorization");
        return switch (call) {
            case "POST /api/enroll" -> enroll(authorization, Json.MAPPER.readValue(body, Enroll.Request.class));
            case "PUT /api/worker/key" -> register(authorization, Json.MAPPER.readValue(body, WorkerKey.Request.class));
            case "POST /api/worker/recover" -> recover(Json.MAPPER.readValue(body, Recover.Request.class));
            case "POST /api/worker/heartbeat" ->
                isKnown(authorization)
                        ? beat(Json.MAPPER.readValue(body, Heartbeat.Request.class))
                        : new No(Code.KEY_UNKNOWN);
            case "PUT /api/worker/metrics", "POST /api/worker/logs" -> keep(call, authorization, body);
            case "GET /api/ca" -> bundle;
            case "GET /api/health" -> Map.of("status", "ready");
            default -> new No(Code.NOT_FOUND);
        };
    }

    private Heartbeat.Answer beat(Heartbeat.Request request) {
        witnessed = request.auditHead();
        return new Heartbeat.Answer(clock.instant(), nextMillis, keyDue, caRevision, auditHead);
    }

    private Object enroll(String authorization, Enroll.Request request) {
        if (!authorization.equals("Enrollment " + SECRET)) {
            return new No(Code.ENROLLMENT_REFUSED);
        }
        if (!Identity.verify(request.identityKey(), request.signedBytes(), request.signature())) {
            return new No(Code.PROOF_INVALID);
        }
        if (isStale(request.time())) {
            return new No(Code.PROOF_EXPIRED, Map.of("serverTime", Times.format(clock.instant())), 0);
        }
        Known known = new Known(request.name(), request.identityKey(), request.keyHash());
        Known before = workers.putIfAbsent(request.name(), known);
        return before == null || before.equals(known)
                ? new Enroll.Answer(request.name(), "installation")
                : new No(Code.NAME_TAKEN);
    }

    private Object register(String authorization, WorkerKey.Request request) {
        if (isKnown(authorization)) {
            return announce(holder(authorization), request);
        }
        if (!Digests.sha256Hex(authorization.substring("Bearer ".length())).equals(bootstrapHash)) {
            return new No(Code.KEY_REVOKED);
        }
        if (!Identity.verify(request.identityKey(), request.signedBytes("by-hand"), request.signature())) {
            return new No(Code.PROOF_INVALID);
        }
        bootstrapHash = "";
        workers.put("by-hand", new Known("by-hand", request.identityKey(), request.keyHash()));
        return new WorkerKey.Answer("by-hand", request.keyId(), "installation");
    }

    private Object announce(Known worker, WorkerKey.Request request) {
        if (!Identity.verify(worker.identity(), request.signedBytes(worker.name()), request.signature())) {
            return new No(Code.PROOF_INVALID);
        }
        if (isStale(request.time())) {
            return new No(Code.PROOF_EXPIRED, Map.of("serverTime", Times.format(clock.instant())), 0);
        }
        pending.put(worker.name(), request.keyHash());
        return new WorkerKey.Answer(worker.name(), request.keyId(), "installation");
    }

    private Object recover(Recover.Request request) {
        Known worker = workers.get(request.workerId());
        Map<String, Object> facts = Map.of("serverTime", Times.format(clock.instant()), "installation", "installation");
        if (worker == null
                || !Identity.verify(worker.identity(), request.signedBytes("installation"), request.signature())) {
            return new No(Code.PROOF_INVALID, facts, 0);
        }
        if (isStale(request.time())) {
            return new No(Code.PROOF_EXPIRED, facts, 0);
        }
        pending.remove(worker.name());
        workers.put(worker.name(), new Known(worker.name(), worker.identity(), request.keyHash()));
        return new WorkerKey.Answer(worker.name(), request.keyId(), "installation");
    }

    private Object keep(String call, String authorization, byte[] body) throws IOException {
        if (!isKnown(authorization)) {
            return new No(Code.KEY_UNKNOWN);
        }
        String text =
                new String(new GZIPInputStream(new ByteArrayInputStream(body)).readAllBytes(), StandardCharsets.UTF_8);
        bodies.merge(call, text, String::concat);
        return Map.of();
    }

    /** The first use of a key ends the one before, without any overlap. */
    private boolean isKnown(String authorization) {
        String hash = Digests.sha256Hex(authorization.substring("Bearer ".length()));
        for (Known worker : List.copyOf(workers.values())) {
            if (hash.equals(pending.get(worker.name()))) {
                pending.remove(worker.name());
                workers.put(worker.name(), new Known(worker.name(), worker.identity(), hash));
            }
        }
        return workers.values().stream().anyMatch(worker -> worker.keyHash().equals(hash));
    }

    private Known holder(String authorization) {
        String hash = Digests.sha256Hex(authorization.substring("Bearer ".length()));
        return workers.values().stream()
                .filter(worker -> worker.keyHash().equals(hash))
                .findFirst()
                .orElseThrow();
    }

    private boolean isStale(long time) {
        return Duration.between(clock.instant(), Instant.ofEpochMilli(time))
                        .abs()
                        .compareTo(Duration.ofMinutes(2))
                > 0;
    }

    private static void refuse(HttpExchange exchange, No no) throws IOException {
        Map<String, Object> problem = new LinkedHashMap<>(no.facts());
        problem.put("status", no.code().status());
        problem.put("detail", "no: " + no.code().wire());
        problem.put("code", no.code().wire());
        if (no.retryAfter() > 0) {
            exchange.getResponseHeaders().set("Retry-After", Integer.toString(no.retryAfter()));
        }
        send(exchange, no.code().status(), json(problem));
    }

    private static byte[] json(Object value) throws IOException {
        return Json.MAPPER.writeValueAsBytes(value);
    }

    private static void send(HttpExchange exchange, int status, byte[] body) throws IOException {
        exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
        exchange.getResponseBody().write(body);
        exchange.close();
    }
}
