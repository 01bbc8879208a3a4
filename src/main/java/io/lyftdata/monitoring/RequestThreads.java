package io.lyftdata.monitoring;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.nio.channels.SelectableChannel;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.DoubleSupplier;
import org.eclipse.jetty.io.SelectorManager;
import org.eclipse.jetty.util.component.AbstractLifeCycle;
import org.eclipse.jetty.util.thread.QueuedThreadPool;

/**
 * As many threads for requests as keep the processors busy, and more only while the host idles, or this process does,
 * though calls wait for a thread: those that have one then wait for a disk or for a body that comes slowly. A thousand
 * threads that all have work would leave hardly any of a processor to the virtual machine's compilers, and take half a
 * mebibyte each. While calls wait, new connections wait too, in the kernel, where they cost nothing.
 */
public final class RequestThreads extends AbstractLifeCycle implements SelectorManager.AcceptListener {
    private static final int LEAST = 64;
    private static final int STEP = 64;
    private static final long EACH_MILLIS = 100;
    /** In use by anybody, so much of the host's processors leaves no room for more work. */
    private static final double BUSY = 0.9;
    /** With less of them this process hardly works, whoever has the rest. */
    private static final double AT_REST = 0.25;
    /** Calls that may wait for a thread before a new connection waits. */
    private static final int DOOR = 256;

    private static final Duration LONGEST_AT_DOOR = Duration.ofMillis(100);

    private static final OperatingSystemMXBean SYSTEM =
            (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();

    private final QueuedThreadPool pool;
    private final int most;
    private final DoubleSupplier host;
    private final DoubleSupplier own;
    private final ScheduledExecutorService executor = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "request-threads");
        thread.setDaemon(true);
        return thread;
    });

    private ScheduledFuture<?> looks;

    /** @param pool whose limit is the most there will ever be */
    public RequestThreads(QueuedThreadPool pool) {
        this(pool, SYSTEM::getCpuLoad, SYSTEM::getProcessCpuLoad);
    }

    /**
     * @param host the part of the host's processors that is in use, 0 to 1; negative: not known
     * @param own the part that this process uses
     */
    RequestThreads(QueuedThreadPool pool, DoubleSupplier host, DoubleSupplier own) {
        this.pool = pool;
        this.most = pool.getMaxThreads();
        this.host = host;
        this.own = own;
        pool.setMaxThreads(Math.min(LEAST, most));
    }

    @Override
    protected void doStart() {
        looks = executor.scheduleWithFixedDelay(this::fit, EACH_MILLIS, EACH_MILLIS, TimeUnit.MILLISECONDS);
    }

    @Override
    protected void doStop() {
        looks.cancel(false);
        executor.shutdown();
    }

    /** Looks once. */
    void fit() {
        // Each tells of the time since it was asked last, so both are asked each time.
        double all = host.getAsDouble();
        double mine = own.getAsDouble();
        boolean isWorking = all >= BUSY && mine >= AT_REST;
        int now = pool.getMaxThreads();
        if (pool.getQueueSize() > 0) {
            if (!isWorking && now < most) {
                add(Math.min(STEP, most - now));
            }
        } else if (now > LEAST && pool.getUtilizedThreads() < now / 2) {
            pool.setMaxThreads(Math.max(LEAST, now - STEP));
        }
    }

    /** The pool starts a thread when a call comes, and perhaps none comes. */
    private void add(int threads) {
        pool.setMaxThreads(pool.getMaxThreads() + threads);
        for (int i = 0; i < threads && pool.getQueueSize() > 0; i++) {
            pool.execute(() -> {});
        }
    }

    /** Holds up the thread that accepts connections, for a moment only: calls that wait for long are no reason. */
    @Override
    public void onAccepting(SelectableChannel channel) {
        long begin = System.nanoTime();
        while (pool.getQueueSize() > DOOR && System.nanoTime() - begin < LONGEST_AT_DOOR.toNanos()) {
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
        }
    }
}
