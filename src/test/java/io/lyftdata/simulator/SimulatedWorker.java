package io.lyftdata.simulator;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.lyftdata.api.AuditHead;
import io.lyftdata.api.Enroll;
import io.lyftdata.api.Heartbeat;
import io.lyftdata.api.LogLine;
import io.lyftdata.api.WorkerKey;
import io.lyftdata.client.Json;
import io.lyftdata.crypto.Identity;
import io.lyftdata.crypto.KeyString;
import io.lyftdata.crypto.Randomness;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** A worker as its process would be: joins, then calls when it is time, and comes back after whatever happens. */
final class SimulatedWorker implements Link.Listener {
    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);
    private static final long LONGEST_BACKOFF = 30 * SECOND;
    /** As many values has the label {@code site}. */
    static final int SITES = 8;

    private static final String JSON = "application/json";

    private final int number;
    private final Loop loop;
    private final Plan plan;
    private final Runnable joined;
    private final Link link;
    private final InetSocketAddress from;
    private final Identity identity = Identity.generate();
    private final String instance = Randomness.hex(128);
    private final long started = System.nanoTime();
    private KeyString key = KeyString.generate(KeyString.Kind.WORKER);
    /** Made when the server says that it is due, and kept until it is taken. */
    private KeyString nextKey;

    private AuditHead head;
    private boolean isJoined;
    private Call under;
    private long since;
    private final Lane beats = new Lane();
    private final Lane metrics = new Lane();
    private final Lane logs = new Lane();
    /** Whose call is under way, or waits for a connection. */
    private Lane lane = beats;

    private long round;
    /** Counts what is waited for, so that only the newest wait counts. */
    private int turn;

    private volatile long lastBeat;

    /** Calls of one kind, which wait for themselves alone, as those of the worker's process do. */
    private static final class Lane {
        private long due;
        private int failures;
    }

    /** @param joined told once, when the server has let it in */
    SimulatedWorker(int number, Loop loop, Plan plan, Runnable joined) {
        this.number = number;
        this.loop = loop;
        this.plan = plan;
        this.joined = joined;
        this.link = new Link(loop, this);
        this.from = new InetSocketAddress("127.0.1." + (1 + number % 8), 0);
    }

    /** Begins its life; from any thread. */
    void start() {
        loop.execute(this::step);
    }

    /** When a heartbeat was last answered, by {@link System#nanoTime()}; 0: never. */
    long lastBeat() {
        return lastBeat;
    }

    /** Nothing is under way: does what is due, or waits for it. */
    private void step() {
        long now = System.nanoTime();
        if (isJoined && plan.mode() == Plan.Mode.PAUSE) {
            later(now + SECOND / 20);
            return;
        }
        lane = next();
        if (now - lane.due < 0) {
            later(lane.due);
        } else if (!link.isOpen()) {
            begin(Call.CONNECT, now);
            link.open(from, plan.site.address(), plan.site.engine());
        } else if (!isJoined) {
            enroll();
        } else if (nextKey != null) {
            rotate(now);
        } else if (lane == beats) {
            beat(beats.due == 0 ? now : beats.due);
        } else if (lane == metrics) {
            reportMetrics(now);
        } else {
            reportLogs(now);
        }
    }

    /** The one that is due, heartbeats first, or else will be first; while heartbeats fail there is no other. */
    private Lane next() {
        long now = System.nanoTime();
        Lane first = beats;
        if (isJoined && beats.failures == 0 && now - beats.due < 0) {
            if (plan.metricsEvery > 0 && metrics.due - first.due < 0) {
                first = metrics;
            }
            if (plan.logsOfEvery > 0 && number % plan.logsOfEvery == 0 && logs.due - first.due < 0) {
                first = logs;
            }
        }
        return first;
    }

    private void later(long due) {
        int mine = ++turn;
        loop.at(due, () -> {
            if (turn == mine) {
                step();
            }
        });
    }

    private void begin(Call call, long at) {
        under = call;
        since = at;
    }

    private void enroll() {
        begin(Call.ENROLL, System.nanoTime());
        Enroll.Request wish = new Enroll.Request(
                name(),
                Map.of("site", "s" + number % SITES),
                key.id(),
                key.hash(),
                identity.publicKey(),
                System.currentTimeMillis(),
                null);
        send("POST", Enroll.PATH, "Enrollment " + plan.secret, wish.signed(identity.sign(wish.signedBytes())));
    }

    private void beat(long due) {
        begin(Call.HEARTBEAT, due);
        send("POST", Heartbeat.PATH, bearer(), heartbeat());
    }

    private Heartbeat.Request heartbeat() {
        long uptime = TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - started);
        return new Heartbeat.Request("1.0", uptime, Map.of(), "ca", Instant.now(), head, null);
    }

    /** Its next heartbeat as a value of Lua; for when its loop is at rest. */
    String inLua() throws JsonProcessingException {
        return "{headers = {['Authorization'] = '" + bearer() + "', ['Content-Type'] = '" + JSON + "', ['"
                + Heartbeat.INSTANCE_HEADER + "'] = '" + instance + "'}, body = '"
                + Json.MAPPER.writeValueAsString(heartbeat()) + "'}";
    }

    private void rotate(long now) {
        begin(Call.ROTATE, now);
        WorkerKey.Request wish = new WorkerKey.Request(
                nextKey.id(), nextKey.hash(), identity.publicKey(), System.currentTimeMillis(), null);
        send("PUT", WorkerKey.PATH, bearer(), wish.signed(identity.sign(wish.signedBytes(name()))));
    }

    private String name() {
        return "sim-" + number;
    }

    /** The first at a random time, so that the fleet's are spread. */
    private void reportMetrics(long now) {
        long due = metrics.due;
        metrics.due = now + (due == 0 ? (long) (plan.metricsEvery * Randomness.fraction()) : plan.metricsEvery);
        if (due == 0) {
            step();
            return;
        }
        begin(Call.METRICS, due);
        send("PUT", "/api/worker/metrics", "text/plain", "Content-Encoding: gzip\r\n", Body.metrics(number, round++));
    }

    private void reportLogs(long now) {
        begin(Call.LOGS, logs.due == 0 ? now : logs.due);
        logs.due = now + SECOND;
        String headers = "Content-Encoding: gzip\r\n" + LogLine.BATCH_HEADER + ": " + Randomness.hex(128) + "\r\n";
        send("POST", "/api/worker/logs", LogLine.MEDIA_TYPE, headers, Body.line(number, round++));
    }

    /** For when its loop is at rest, or for itself. */
    String bearer() {
        return "Bearer " + key.reveal();
    }

    private void send(String method, String path, String authorization, Object json) {
        try {
            String headers = "Content-Type: " + JSON + "\r\n";
            send(head(method, path, authorization) + headers, Json.MAPPER.writeValueAsBytes(json));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    private void send(String method, String path, String type, String headers, byte[] body) {
        send(head(method, path, bearer()) + "Content-Type: " + type + "\r\n" + headers, body);
    }

    private void send(String head, byte[] body) {
        byte[] start = (head + "Content-Length: " + body.length + "\r\n\r\n").getBytes(StandardCharsets.US_ASCII);
        byte[] request = new byte[start.length + body.length];
        System.arraycopy(start, 0, request, 0, start.length);
        System.arraycopy(body, 0, request, start.length, body.length);
        link.send(request);
    }

    private String head(String method, String path, String authorization) {
        return method + " " + path + " HTTP/1.1\r\nHost: localhost\r\n" + Heartbeat.INSTANCE_HEADER + ": " + instance
                + "\r\nAuthorization: " + authorization + "\r\n";
    }

    @Override
    public void opened() {
        plan.tally().good(Call.CONNECT, System.nanoTime() - since);
        later(System.nanoTime());
    }

    @Override
    public void answered(HttpAnswer answer) {
        long now = System.nanoTime();
        if (answer.closes()) {
            link.close();
        }
        if (answer.status() / 100 == 2) {
            plan.tally().good(under, now - since);
            lane.failures = 0;
            done(answer, now);
            under = null;
            later(now);
        } else {
            plan.tally().bad(under, answer.status() + " " + code(answer));
            under = null;
            retry(answer.header("retry-after"));
        }
    }

    private static String code(HttpAnswer answer) {
        try {
            return Json.MAPPER.readTree(answer.body()).path("code").asText();
        } catch (IOException e) {
            return "without a problem document";
        }
    }

    private void done(HttpAnswer answer, long now) {
        if (under == Call.ENROLL) {
            isJoined = true;
            joined.run();
        } else if (under == Call.ROTATE) {
            key = nextKey;
            nextKey = null;
            beats.due = now;
        } else if (under == Call.HEARTBEAT) {
            try {
                Heartbeat.Answer told = Json.MAPPER.readValue(answer.body(), Heartbeat.Answer.class);
                head = told.auditHead();
                beats.due = now + TimeUnit.MILLISECONDS.toNanos(told.nextMillis());
                lastBeat = now;
                if (told.keyDue()) {
                    nextKey = KeyString.generate(KeyString.Kind.WORKER);
                    beats.due = now;
                }
            } catch (IOException e) {
                throw new IllegalStateException(new String(answer.body(), StandardCharsets.UTF_8), e);
            }
        }
    }

    /** Between two calls it costs nothing: the next one connects anew. */
    @Override
    public void lost(String why) {
        if (under != null) {
            plan.tally().bad(under, why);
            under = null;
            retry("");
        }
    }

    /** As the worker's process waits: what was asked for, and a random part of a time that doubles. */
    private void retry(String retryAfter) {
        lane.failures++;
        long asked = retryAfter.isEmpty() ? 0 : Long.parseLong(retryAfter) * SECOND;
        long ceiling = Math.min(LONGEST_BACKOFF, SECOND << Math.min(lane.failures - 1, 20));
        lane.due = System.nanoTime() + asked + (long) (ceiling * Randomness.fraction());
        step();
    }
}
