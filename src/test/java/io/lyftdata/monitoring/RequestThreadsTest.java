package io.lyftdata.monitoring;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Threads that wait are made up for, threads that work are not. */
class RequestThreadsTest {
    private final QueuedThreadPool pool = new QueuedThreadPool(200, 8);
    private final CountDownLatch end = new CountDownLatch(1);
    private double host;
    private double own;
    private final RequestThreads threads = new RequestThreads(pool, () -> host, () -> own);

    @BeforeEach
    void start() throws Exception {
        // Each thread that has nothing to do goes.
        pool.setIdleTimeout(1);
        pool.setReservedThreads(0);
        pool.start();
    }

    @AfterEach
    void stop() throws Exception {
        end.countDown();
        pool.stop();
    }

    /** Work for so many threads, all of which that there are have begun it; counts those that have not. */
    private CountDownLatch work(int calls) throws InterruptedException {
        CountDownLatch begun = new CountDownLatch(Math.min(calls, pool.getMaxThreads()));
        CountDownLatch left = new CountDownLatch(calls);
        for (int i = 0; i < calls; i++) {
            pool.execute(() -> {
                begun.countDown();
                left.countDown();
                awaitEnd();
            });
        }
        assertThat(begun.await(60, TimeUnit.SECONDS)).isTrue();
        return left;
    }

    private void awaitEnd() {
        try {
            end.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void moreThreadsComeWhileTheHostIdlesAndCallsWait() throws Exception {
        assertThat(pool.getMaxThreads()).isEqualTo(64);
        work(400);
        host = 0.95;
        own = 0.7;
        threads.fit();
        assertThat(pool.getMaxThreads()).as("the host is busy").isEqualTo(64);
        host = 0.5;
        for (int most : new int[] {128, 192, 200, 200}) {
            threads.fit();
            assertThat(pool.getMaxThreads()).isEqualTo(most);
        }
    }

    /** Or bodies that drip would hold the server up while others keep the host busy. */
    @Test
    void moreThreadsComeWhileOthersKeepTheHostBusy() throws Exception {
        work(400);
        host = 1;
        own = 0.1;
        threads.fit();
        assertThat(pool.getMaxThreads()).isEqualTo(128);
    }

    @Test
    void nobodyWaitsNobodyComes() throws Exception {
        work(64);
        threads.fit();
        assertThat(pool.getMaxThreads()).isEqualTo(64);
    }

    @Test
    void whatWaitedIsTakenThoughNoCallComes() throws Exception {
        CountDownLatch left = work(120);
        threads.fit();
        assertThat(left.await(60, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void theyGoWhenHalfOfThemWouldDo() throws Exception {
        CountDownLatch left = work(65);
        threads.fit();
        assertThat(left.await(60, TimeUnit.SECONDS)).isTrue();
        threads.fit();
        assertThat(pool.getMaxThreads()).as("65 are at work").isEqualTo(128);
        end.countDown();
        while (pool.getUtilizedThreads() > 0) {
            Thread.onSpinWait();
        }
        threads.fit();
        threads.fit();
        assertThat(pool.getMaxThreads()).isEqualTo(64);
    }

    @Test
    void aConnectionWaitsBehindManyCallsButNotForLong() throws Exception {
        work(64 + 257);
        long begin = System.nanoTime();
        threads.onAccepting(null);
        assertThat(Duration.ofNanos(System.nanoTime() - begin)).isGreaterThanOrEqualTo(Duration.ofMillis(100));
    }
}
