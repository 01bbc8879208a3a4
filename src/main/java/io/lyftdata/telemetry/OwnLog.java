package io.lyftdata.telemetry;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.IThrowableProxy;
import ch.qos.logback.core.UnsynchronizedAppenderBase;
import io.lyftdata.api.LogLine;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.slf4j.ILoggerFactory;
import org.slf4j.LoggerFactory;

/**
 * The worker's own log (INFO and above of this package and of the client) as lines to ship: a bounded queue that
 * never blocks the program that logs; when it is full the oldest lines go, and a line says how many. Safe for use by
 * many threads.
 */
public final class OwnLog extends UnsynchronizedAppenderBase<ILoggingEvent> implements AutoCloseable {
    static final String SOURCE = "worker";
    private static final int CAPACITY = 1000;
    private static final int MAX_MESSAGE = 16384;
    private static final List<String> LOGGERS =
            List.of("io.lyftdata.agent", "io.lyftdata.telemetry", "io.lyftdata.client");

    private final Object lock = new Object();
    private final ArrayDeque<LogLine> queue = new ArrayDeque<>();
    private long dropped;

    /** Begins to listen; to be called after logging is configured, since that forgets all listeners. */
    public OwnLog attach() {
        ILoggerFactory factory = LoggerFactory.getILoggerFactory();
        if (factory instanceof LoggerContext context) {
            setContext(context);
            setName("own-log");
            start();
            LOGGERS.forEach(name -> context.getLogger(name).addAppender(this));
        }
        return this;
    }

    @Override
    public void close() {
        if (getContext() instanceof LoggerContext context) {
            for (String name : LOGGERS) {
                Logger logger = context.getLogger(name);
                logger.detachAppender(this);
            }
        }
        stop();
    }

    @Override
    protected void append(ILoggingEvent event) {
        if (!event.getLevel().isGreaterOrEqual(Level.INFO)) {
            return;
        }
        String text = event.getFormattedMessage();
        for (IThrowableProxy cause = event.getThrowableProxy(); cause != null; cause = cause.getCause()) {
            text += ": " + cause.getClassName() + ": " + cause.getMessage();
        }
        boolean cut = text.length() > MAX_MESSAGE;
        // Through bytes and back: half a surrogate pair is no JSON.
        String message = new String(
                (cut ? text.substring(0, MAX_MESSAGE) : text).getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8);
        String level = event.getLevel().toString().toLowerCase(Locale.ROOT);
        LogLine line = new LogLine(
                Instant.ofEpochMilli(event.getTimeStamp()), level, SOURCE, message, cut ? true : null, null, null);
        synchronized (lock) {
            if (queue.size() >= CAPACITY) {
                queue.removeFirst();
                dropped++;
            }
            queue.addLast(line);
        }
    }

    /** Takes all that is queued, oldest first. */
    List<LogLine> drain(Instant now) {
        synchronized (lock) {
            List<LogLine> lines = new ArrayList<>(queue.size() + 1);
            if (dropped > 0) {
                String message = dropped + " older lines of the worker's own log were dropped";
                lines.add(new LogLine(now, "warn", SOURCE, message, null, null, null));
            }
            lines.addAll(queue);
            queue.clear();
            dropped = 0;
            return lines;
        }
    }

    /** Counts lines that were drained and then could not be kept. */
    void lost(long count) {
        synchronized (lock) {
            dropped += count;
        }
    }
}
