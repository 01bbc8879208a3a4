package io.lyftdata.db;

import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.transaction.TransactionException;
import org.slf4j.MDC;

/** One write of a group: waits, is carried out by whichever thread leads, and ends with the group's commit. */
final class Write<T> {
    private enum State {
        WAITING,
        UNDER_WAY,
        WITHDRAWN,
        DONE
    }

    private final Function<Handle, T> work;
    private final Thread caller = Thread.currentThread();
    private final Map<String, String> context = MDC.getCopyOfContextMap();
    private final AtomicReference<State> state = new AtomicReference<>(State.WAITING);
    /** These two are published by the state. */
    private T result;

    private Throwable failure;

    Write(Function<Handle, T> work) {
        this.work = work;
    }

    /** False when it was withdrawn. */
    boolean begin() {
        return state.compareAndSet(State.WAITING, State.UNDER_WAY);
    }

    /** False when it is too late for that. */
    boolean withdraw() {
        return state.compareAndSet(State.WAITING, State.WITHDRAWN);
    }

    /** With the caller's logging context; false when it failed. */
    boolean carryOut(Handle tx) {
        boolean isAway = Thread.currentThread() != caller;
        Map<String, String> own = isAway ? MDC.getCopyOfContextMap() : null;
        try {
            if (isAway) {
                putContext(context);
            }
            result = work.apply(tx);
            return true;
        } catch (Throwable e) {
            failure = e;
            return false;
        } finally {
            if (isAway) {
                putContext(own);
            }
        }
    }

    private static void putContext(Map<String, String> values) {
        if (values == null) {
            MDC.clear();
        } else {
            MDC.setContextMap(values);
        }
    }

    /** A failure of its own counts for more. */
    void failWithGroup(Throwable cause) {
        if (failure == null) {
            failure = new TransactionException("this write was not committed, nor any other of its group", cause);
        }
    }

    boolean isDone() {
        return state.get() == State.DONE;
    }

    /** From here on the caller has its answer. */
    void end() {
        state.set(State.DONE);
        wake();
    }

    void wake() {
        LockSupport.unpark(caller);
    }

    /** What the work answered, or what it threw. */
    T result() {
        if (failure instanceof RuntimeException e) {
            throw e;
        }
        if (failure instanceof Error e) {
            throw e;
        }
        if (failure != null) {
            throw new IllegalStateException(failure);
        }
        return result;
    }
}
