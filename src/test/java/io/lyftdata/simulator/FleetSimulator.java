package io.lyftdata.simulator;

import com.google.common.io.MoreFiles;
import com.google.common.io.RecursiveDeleteOption;
import io.lyftdata.api.incident.Incidents;
import io.lyftdata.api.incident.Report;
import io.lyftdata.api.rotation.Rotation;
import io.lyftdata.api.rotation.Rotation.Progress;
import io.lyftdata.client.ApiClient;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Measures a server with a fleet of simulated workers. */
@Command(name = "fleet.sh", mixinStandardHelpOptions = true, description = "Measures a server with a simulated fleet.")
public final class FleetSimulator implements Callable<Integer> {
    private static final int JOIN_SECONDS = 300;
    private static final int ROTATE_SECONDS = 180;
    private static final int FLOOD_SECONDS = 5;
    private static final int BATCH_LINES = 1_000;
    private static final int OVERLOAD = 2_000;

    /** What is measured. */
    enum Scenario {
        /** The fleet joins, then heartbeats and reports. */
        steady,
        /** Heartbeats against {@code GET /api/health}, each as fast as wrk goes, in turns. */
        flood,
        /** The server is killed and started under the fleet. */
        restart,
        /** All keys of the living fleet are rotated. */
        rotate,
        /** Batches of 1,000 log lines, as fast as wrk goes. */
        logs,
        /** Heartbeats from far more connections than the server keeps up with. */
        overload,
        /** An eighth of the living fleet is shut out, and all others renew their keys. */
        incident
    }

    @Parameters(paramLabel = "SCENARIO", description = "${COMPLETION-CANDIDATES}")
    private Scenario scenario;

    @Option(names = "--workers", defaultValue = "1000", description = "how many (${DEFAULT-VALUE})")
    private int workers;

    @Option(names = "--seconds", defaultValue = "60", description = "how long the fleet lives (${DEFAULT-VALUE})")
    private int seconds;

    @Option(
            names = "--warm-up",
            defaultValue = "20",
            description = "seconds of a steady fleet before that (${DEFAULT-VALUE})")
    private int warmUp;

    @Option(names = "--joining", defaultValue = "64", description = "how many join at a time (${DEFAULT-VALUE})")
    private int joining;

    @Option(names = "--metrics", defaultValue = "0", description = "seconds between a worker's metrics; 0: none")
    private int metrics;

    @Option(names = "--logs", defaultValue = "0", description = "each N-th worker logs a line a second; 0: none")
    private int logs;

    @Option(names = "--java", defaultValue = "-Xmx1g", description = "the server's JVM options (${DEFAULT-VALUE})")
    private String java;

    @Option(
            names = "--directory",
            defaultValue = "target",
            description = "disk of the server's data (${DEFAULT-VALUE})")
    private Path directory;

    public static void main(String[] arguments) {
        System.exit(new CommandLine(new FleetSimulator()).execute(arguments));
    }

    @Override
    public Integer call() throws Exception {
        Path place = Files.createTempDirectory(directory, "fleet");
        try (ServerUnderTest server = new ServerUnderTest(place, java)) {
            server.start();
            Plan plan = new Plan(Site.of(server.port(), server.authority()), server.secret(), metrics, logs);
            try (Fleet fleet = new Fleet(plan, workers)) {
                join(server, fleet);
                switch (scenario) {
                    case steady -> steady(server, fleet);
                    case flood -> flood(server, fleet, place);
                    case restart -> restart(server, fleet);
                    case rotate -> rotate(server, fleet);
                    case logs -> logs(server, fleet, place);
                    case overload -> overload(server, fleet, place);
                    case incident -> incident(server, fleet);
                }
            }
        } finally {
            MoreFiles.deleteRecursively(place, RecursiveDeleteOption.ALLOW_INSECURE);
        }
        return 0;
    }

    private void join(ServerUnderTest server, Fleet fleet) throws IOException, InterruptedException {
        ServerUnderTest.Usage before = server.usage();
        fleet.plan().measure();
        boolean all = fleet.join(joining, JOIN_SECONDS);
        print(workers + " workers join, " + joining + " at a time", fleet.plan().measure(), before, server.usage());
        if (!all) {
            throw new IOException("not all workers joined within " + JOIN_SECONDS + " s");
        }
    }

    private void steady(ServerUnderTest server, Fleet fleet) throws IOException, InterruptedException {
        fleet.plan().mode(Plan.Mode.LIVE);
        live(server, fleet, warmUp);
        live(server, fleet, seconds);
    }

    private void live(ServerUnderTest server, Fleet fleet, int forSeconds) throws IOException, InterruptedException {
        ServerUnderTest.Usage before = server.usage();
        fleet.plan().measure();
        TimeUnit.SECONDS.sleep(forSeconds);
        print(workers + " workers for " + forSeconds + " s", fleet.plan().measure(), before, server.usage());
    }

    /** Rounds come in pairs; the first half of the time warms up. */
    private void flood(ServerUnderTest server, Fleet fleet, Path place) throws IOException, InterruptedException {
        fleet.plan().mode(Plan.Mode.LIVE);
        TimeUnit.SECONDS.sleep(2);
        fleet.plan().mode(Plan.Mode.PAUSE);
        TimeUnit.SECONDS.sleep(20);
        Wrk wrk = new Wrk("https://127.0.0.1:" + server.port(), place.resolve("wrk.lua"));
        String heartbeats = Wrk.heartbeats(fleet.heartbeatsInLua());
        int rounds = Math.max(2, seconds / (2 * FLOOD_SECONDS));
        double[] ratios = new double[rounds];
        for (int round = 0; round < rounds; round++) {
            double before = server.usage().cpu();
            Wrk.Result health = wrk.run(Wrk.health(), FLOOD_SECONDS);
            double between = server.usage().cpu();
            Wrk.Result beats = wrk.run(heartbeats, FLOOD_SECONDS);
            double after = server.usage().cpu();
            ratios[round] = beats.rate() / health.rate();
            System.out.printf(
                    "round %d: health %.0f/s, p99 %s, CPU %.0f us each; heartbeats %.0f/s, p99 %s, CPU %.0f us each:"
                            + " %.2f of its rate%n",
                    round + 1,
                    health.rate(),
                    health.p99(),
                    (between - before) * 1e6 / (health.rate() * FLOOD_SECONDS),
                    beats.rate(),
                    beats.p99(),
                    (after - between) * 1e6 / (beats.rate() * FLOOD_SECONDS),
                    ratios[round]);
        }
        double[] warm = Arrays.copyOfRange(ratios, rounds / 2, rounds);
        Arrays.sort(warm);
        System.out.printf("median of the second half: %.2f%n", warm[warm.length / 2]);
    }

    /** In turns; the first half of the rounds warms up. Who is refused calls again at once, which no worker does. */
    private void overload(ServerUnderTest server, Fleet fleet, Path place) throws IOException, InterruptedException {
        fleet.plan().mode(Plan.Mode.PAUSE);
        Wrk wrk = new Wrk("https://127.0.0.1:" + server.port(), place.resolve("wrk.lua"));
        String heartbeats = Wrk.heartbeats(fleet.heartbeatsInLua());
        for (int round = 0; round < Math.max(2, seconds / (5 * FLOOD_SECONDS)); round++) {
            double peak = wrk.run(heartbeats, FLOOD_SECONDS).rate();
            Map<String, Double> over = wrk.overload(heartbeats, OVERLOAD, 4 * FLOOD_SECONDS);
            System.out.printf(
                    "round %d: %.0f/s by 32 connections; by %d %.0f/s done (%.2f of it) and %.0f/s refused%n",
                    round + 1, peak, OVERLOAD, over.get("done"), over.get("done") / peak, over.get("refused"));
        }
    }

    /** The first half of the rounds warms up. */
    private void logs(ServerUnderTest server, Fleet fleet, Path place) throws IOException, InterruptedException {
        fleet.plan().mode(Plan.Mode.PAUSE);
        byte[] lines = Body.lines(BATCH_LINES);
        Path body = place.resolve("lines.gz");
        Files.write(body, Body.packed(lines));
        Wrk wrk = new Wrk("https://127.0.0.1:" + server.port(), place.resolve("wrk.lua"));
        List<String> bearers = fleet.bearers();
        for (int round = 0; round < Math.max(2, seconds / FLOOD_SECONDS); round++) {
            ServerUnderTest.Usage before = server.usage();
            Wrk.Result batches = wrk.run(Wrk.logs(bearers, body), FLOOD_SECONDS);
            ServerUnderTest.Usage after = server.usage();
            double sent = batches.rate() * FLOOD_SECONDS;
            System.out.printf(
                    "round %d: %.0f lines/s durable and acknowledged, p99 %s; server: %.2f cores, %.2f us of CPU a line,"
                            + " %d MiB resident, disk %.3f of the raw bytes%n",
                    round + 1,
                    batches.rate() * BATCH_LINES,
                    batches.p99(),
                    (after.cpu() - before.cpu()) / FLOOD_SECONDS,
                    (after.cpu() - before.cpu()) * 1e6 / (sent * BATCH_LINES),
                    after.residentMiB(),
                    (after.logBytes() - before.logBytes()) / (sent * lines.length));
        }
    }

    /** Everybody has settled when each has had a heartbeat answered since the server was back. */
    private void restart(ServerUnderTest server, Fleet fleet) throws IOException, InterruptedException {
        fleet.plan().mode(Plan.Mode.LIVE);
        TimeUnit.SECONDS.sleep(seconds);
        server.kill();
        fleet.plan().measure();
        long killed = System.nanoTime();
        TimeUnit.SECONDS.sleep(seconds);
        server.start();
        long back = System.nanoTime();
        System.out.printf("away for %.1f s%n", (back - killed) / 1e9);
        ServerUnderTest.Usage before = server.usage();
        fleet.plan().measure();
        while (fleet.heardSince(back) < fleet.size() && System.nanoTime() - back < TimeUnit.SECONDS.toNanos(180)) {
            TimeUnit.MILLISECONDS.sleep(100);
        }
        System.out.printf(
                "%d of %d workers are back %.1f s after the server%n",
                fleet.heardSince(back), fleet.size(), (System.nanoTime() - back) / 1e9);
        print("the way back", fleet.plan().measure(), before, server.usage());
    }

    /** Done when the server has seen each worker use its new key. */
    private void rotate(ServerUnderTest server, Fleet fleet) throws IOException, InterruptedException {
        fleet.plan().mode(Plan.Mode.LIVE);
        TimeUnit.SECONDS.sleep(seconds);
        ServerUnderTest.Usage before = server.usage();
        fleet.plan().measure();
        ApiClient admin = server.admin();
        long begin = System.nanoTime();
        Progress progress = admin.post(Rotation.PATH, new Rotation.Wish(null, null, true, null, null), Progress.class);
        long number = progress.order().number();
        while (progress.confirmed() < progress.workers()
                && System.nanoTime() - begin < TimeUnit.SECONDS.toNanos(ROTATE_SECONDS)) {
            TimeUnit.SECONDS.sleep(1);
            progress = admin.get(Rotation.PATH, Map.of("order", number, "limit", 1), Progress.class);
        }
        System.out.printf(
                "%d of %d keys rotated in %.1f s%n",
                progress.confirmed(), progress.workers(), (System.nanoTime() - begin) / 1e9);
        Tally tally = fleet.plan().measure();
        System.out.printf("failed calls: %d%n", tally.failures());
        print("the rotation", tally, before, server.usage());
    }

    /** Done when nobody is left who can be reached. */
    private void incident(ServerUnderTest server, Fleet fleet) throws IOException, InterruptedException {
        fleet.plan().mode(Plan.Mode.LIVE);
        TimeUnit.SECONDS.sleep(seconds);
        ServerUnderTest.Usage before = server.usage();
        fleet.plan().measure();
        ApiClient admin = server.admin();
        Incidents.Scope scope = new Incidents.Scope(null, Map.of("site", "s0"), null, null, null, null);
        Incidents.Open wish = new Incidents.Open("a benchmark", scope, null, null, null, null);
        String path = Incidents.PATH + "/"
                + admin.post(Incidents.PATH, wish, Incidents.View.class).id();
        long begin = System.nanoTime();
        run(admin, path, "isolate");
        long isolated = System.nanoTime();
        Incidents.Step step;
        run(admin, path, null);
        long ordered = System.nanoTime();
        do {
            TimeUnit.SECONDS.sleep(1);
            step = run(admin, path, "convergence");
        } while (!step.state().equals("done") && System.nanoTime() - begin < TimeUnit.SECONDS.toNanos(ROTATE_SECONDS));
        System.out.printf(
                "%d workers shut out: answered after %.3f s, their last accepted heartbeat %.3f s after the order%n",
                (fleet.size() + 7) / 8, (isolated - begin) / 1e9, Math.max(0, fleet.lastBeat(0) - begin) / 1e9);
        System.out.printf(
                "all steps ordered after %.1f s; %s: %s, %.1f s after the order%n",
                (ordered - begin) / 1e9, step.state(), step.said(), (System.nanoTime() - begin) / 1e9);
        long asked = System.nanoTime();
        int length = admin.get(path + "/report", Map.of(), Report.Signed.class)
                .json()
                .length();
        System.out.printf("report of %d characters after %.1f s%n", length, (System.nanoTime() - asked) / 1e9);
        print("the incident", fleet.plan().measure(), before, server.usage());
    }

    private static Incidents.Step run(ApiClient admin, String path, String name) {
        Incidents.View view = admin.post(path + "/run", new Incidents.Run(name, null), Incidents.Ran.class)
                .incident();
        return view.steps().stream()
                .filter(step -> step.name().equals(name == null ? "convergence" : name))
                .findFirst()
                .orElseThrow();
    }

    private static void print(String what, Tally tally, ServerUnderTest.Usage before, ServerUnderTest.Usage after) {
        System.out.printf(
                "%s: %.1f s; server: CPU %.1f s (%.2f cores), %d MiB resident, %d MiB written%n",
                what,
                tally.seconds(),
                after.cpu() - before.cpu(),
                (after.cpu() - before.cpu()) / tally.seconds(),
                after.residentMiB(),
                after.writtenMiB() - before.writtenMiB());
        tally.lines().forEach(System.out::println);
    }
}
