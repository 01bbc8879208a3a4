package io.lyftdata.simulator;

import io.lyftdata.api.Heartbeat;
import io.lyftdata.api.LogLine;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Debian's {@code wrk}, a load generator that takes little of the cores it shares with the server. */
public final class Wrk {
    private static final Pattern RATE = Pattern.compile("Requests/sec:\\s+([0-9.]+)");
    private static final Pattern P99 = Pattern.compile("99%\\s+(\\S+)");
    private static final Pattern BAD = Pattern.compile("(Non-2xx or 3xx responses|Socket errors): .*");
    private static final Pattern REFUSED = Pattern.compile("Non-2xx or 3xx responses: (\\d+)");
    private static final Pattern REQUESTS = Pattern.compile("(\\d+) requests in");
    private static final int CONNECTIONS = 32;

    private final String url;
    private final Path script;

    /** @param rate answers a second */
    public record Result(double rate, String p99) {}

    /** @param script where its Lua may be written */
    public Wrk(String url, Path script) {
        this.url = url;
        this.script = script;
    }

    /** Calls as fast as it is answered. */
    public Result run(String lua, int seconds) throws IOException, InterruptedException {
        String out = call(lua, CONNECTIONS, seconds);
        if (BAD.matcher(out).find()) {
            throw new IOException("wrk: " + out);
        }
        return new Result(Double.parseDouble(found(RATE, out)), found(P99, out));
    }

    /** So many connections call again at once, whatever they are answered: the rates of what was done and refused. */
    Map<String, Double> overload(String lua, int connections, int seconds) throws IOException, InterruptedException {
        String out = call(lua, connections, seconds);
        Matcher refused = REFUSED.matcher(out);
        double bad = refused.find() ? Double.parseDouble(refused.group(1)) : 0;
        double all = Double.parseDouble(found(REQUESTS, out));
        return Map.of("done", (all - bad) / seconds, "refused", bad / seconds);
    }

    private String call(String lua, int connections, int seconds) throws IOException, InterruptedException {
        Files.writeString(script, lua);
        Process process = new ProcessBuilder(List.of(
                        "wrk", "-t1", "-c" + connections, "-d" + seconds + "s", "--latency", "-s", "" + script, url))
                .redirectErrorStream(true)
                .start();
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.waitFor() != 0) {
            throw new IOException("wrk: " + out);
        }
        return out;
    }

    private static String found(Pattern pattern, String text) throws IOException {
        Matcher matcher = pattern.matcher(text);
        if (!matcher.find()) {
            throw new IOException("wrk says nothing of " + pattern + ": " + text);
        }
        return matcher.group(1);
    }

    static String health() {
        return "request = function() return wrk.format('GET', '/api/health') end\n";
    }

    /** Each request the next worker's, a batch of its own with the same lines. */
    static String logs(List<String> bearers, Path body) {
        return "local bearers = {'" + String.join("', '", bearers) + "'}\nlocal n = 0\n"
                + "local body = io.open('" + body.toAbsolutePath() + "', 'rb'):read('*a')\n"
                + "local start = string.format('%016x', os.time())\n"
                + "request = function()\n  n = n + 1\n"
                + "  return wrk.format('POST', '/api/worker/logs', {['Authorization'] = bearers[n % #bearers + 1],"
                + " ['Content-Type'] = '" + LogLine.MEDIA_TYPE + "', ['Content-Encoding'] = 'gzip', ['"
                + Heartbeat.INSTANCE_HEADER + "'] = '" + "0".repeat(32) + "', ['"
                + LogLine.BATCH_HEADER + "'] = start .. string.format('%016x', n)}, body)\nend\n";
    }

    /** Each request the next worker's, with its key and all that a worker's heartbeat holds. */
    static String heartbeats(List<String> lines) {
        return "local calls = {\n" + String.join(",\n", lines) + "}\nlocal n = 0\n"
                + "request = function()\n  n = n % #calls + 1\n"
                + "  return wrk.format('POST', '/api/worker/heartbeat', calls[n].headers, calls[n].body)\nend\n";
    }
}
