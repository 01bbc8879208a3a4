package io.lyftdata.simulator;

import java.io.Closeable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** The workers of one plan, on a few threads. */
final class Fleet implements Closeable {
    private static final int THREADS = 2;

    private final Plan plan;
    private final List<Loop> loops = new ArrayList<>();
    private final List<SimulatedWorker> workers = new ArrayList<>();
    private final AtomicInteger begun = new AtomicInteger();
    private final CountDownLatch joined;

    Fleet(Plan plan, int size) {
        this.plan = plan;
        this.joined = new CountDownLatch(size);
        for (int i = 0; i < THREADS; i++) {
            loops.add(new Loop("fleet-" + i));
        }
        for (int i = 0; i < size; i++) {
            workers.add(new SimulatedWorker(i, loops.get(i % THREADS), plan, this::joined));
        }
    }

    Plan plan() {
        return plan;
    }

    int size() {
        return workers.size();
    }

    /** Lets all join, so many at a time; false when they have not within that time. */
    boolean join(int atATime, int seconds) throws InterruptedException {
        for (int i = 0; i < Math.min(atATime, size()); i++) {
            startNext();
        }
        return joined.await(seconds, TimeUnit.SECONDS);
    }

    private void joined() {
        joined.countDown();
        startNext();
    }

    private void startNext() {
        int next = begun.getAndIncrement();
        if (next < size()) {
            workers.get(next).start();
        }
    }

    /** How many have had a heartbeat answered since then. */
    long heardSince(long nanoTime) {
        return workers.stream()
                .filter(worker -> worker.lastBeat() != 0 && worker.lastBeat() - nanoTime > 0)
                .count();
    }

    /** When one of the site's workers last had a heartbeat answered, by {@link System#nanoTime()}. */
    long lastBeat(int site) {
        long last = Long.MIN_VALUE;
        for (int i = site; i < workers.size(); i += SimulatedWorker.SITES) {
            last = Math.max(last, workers.get(i).lastBeat());
        }
        return last;
    }

    /** A heartbeat of each, as values of Lua; for when they pause. */
    List<String> heartbeatsInLua() throws IOException {
        List<String> all = new ArrayList<>();
        for (SimulatedWorker worker : workers) {
            all.add(worker.inLua());
        }
        return all;
    }

    /** What each worker's calls are authorized by; for when its loop is at rest. */
    List<String> bearers() {
        return workers.stream().map(SimulatedWorker::bearer).toList();
    }

    @Override
    public void close() throws IOException {
        for (Loop loop : loops) {
            loop.close();
        }
    }
}
