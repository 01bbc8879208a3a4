package io.lyftdata.simulator;

import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/** One thread that serves thousands of links and their timers. All but {@link #execute} belongs to that thread. */
final class Loop implements Closeable {
    private static final int BUFFER = 64 * 1024;

    private final Selector selector;
    private final Thread thread;
    private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
    private final PriorityQueue<Timer> timers = new PriorityQueue<>();
    /** Shared by all links, each of which keeps only what is left over. */
    final ByteBuffer received = ByteBuffer.allocateDirect(BUFFER);

    final ByteBuffer plain = ByteBuffer.allocate(BUFFER);
    final ByteBuffer sealed = ByteBuffer.allocateDirect(BUFFER);
    private volatile boolean isClosed;

    private record Timer(long due, Runnable task) implements Comparable<Timer> {
        @Override
        public int compareTo(Timer other) {
            return Long.compare(due - other.due, 0);
        }
    }

    Loop(String name) {
        try {
            selector = Selector.open();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        thread = new Thread(this::run, name);
        thread.setDaemon(true);
        thread.start();
    }

    Selector selector() {
        return selector;
    }

    /** Runs it soon; from any thread. */
    void execute(Runnable task) {
        tasks.add(task);
        selector.wakeup();
    }

    /** @param due by {@link System#nanoTime()} */
    void at(long due, Runnable task) {
        timers.add(new Timer(due, task));
    }

    private void run() {
        try {
            while (!isClosed) {
                long wait = waitMillis();
                if (wait == 0) {
                    selector.selectNow(Loop::ready);
                } else {
                    selector.select(Loop::ready, wait);
                }
                runDue();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private long waitMillis() {
        if (!tasks.isEmpty()) {
            return 0;
        }
        Timer next = timers.peek();
        return next == null ? 100 : Math.max(0, Math.min(100, (next.due - System.nanoTime()) / 1_000_000));
    }

    private void runDue() {
        for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
            task.run();
        }
        long now = System.nanoTime();
        while (!timers.isEmpty() && timers.peek().due - now <= 0) {
            timers.poll().task.run();
        }
    }

    private static void ready(SelectionKey key) {
        ((Link) key.attachment()).ready(key);
    }

    @Override
    public void close() throws IOException {
        isClosed = true;
        selector.wakeup();
        try {
            thread.join(5_000);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        selector.close();
    }
}
