package io.lyftdata.server;

import ch.qos.logback.classic.AsyncAppender;
import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.CallerData;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.LoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxy;
import ch.qos.logback.core.Appender;
import ch.qos.logback.core.Context;
import ch.qos.logback.core.LayoutBase;
import ch.qos.logback.core.UnsynchronizedAppenderBase;
import ch.qos.logback.core.filter.Filter;
import ch.qos.logback.core.rolling.RollingFileAppender;
import ch.qos.logback.core.rolling.TimeBasedRollingPolicy;
import ch.qos.logback.core.spi.AppenderAttachable;
import ch.qos.logback.core.spi.AppenderAttachableImpl;
import ch.qos.logback.core.spi.FilterReply;
import com.codahale.metrics.MetricRegistry;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.TextNode;
import io.dropwizard.logging.common.AbstractAppenderFactory;
import io.dropwizard.logging.common.AppenderFactory;
import io.dropwizard.logging.common.ConsoleAppenderFactory;
import io.dropwizard.logging.common.DefaultLoggingFactory;
import io.dropwizard.logging.common.FileAppenderFactory;
import io.dropwizard.logging.common.async.AsyncAppenderFactory;
import io.dropwizard.logging.common.filter.LevelFilterFactory;
import io.dropwizard.logging.common.layout.LayoutFactory;
import io.dropwizard.logging.json.EventAttribute;
import io.dropwizard.logging.json.EventJsonLayoutBaseFactory;
import io.dropwizard.logging.json.layout.JsonFormatter;
import io.dropwizard.util.DataSize;
import io.lyftdata.http.Causes;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TimeZone;
import org.slf4j.LoggerFactory;

/** JSON lines on standard output and in {@code logs/}; plain text on a terminal. */
final class Logging {
    private static final String PLAIN = "%d{HH:mm:ss.SSS} %-5level %replace(%msg){'\\p{Cntrl}', ' '}%n%rEx{5}";
    private static final Map<String, String> QUIETER = Map.of(
            "org.eclipse.jetty", "WARN",
            "org.glassfish.jersey", "WARN",
            "org.flywaydb", "WARN",
            "org.hibernate.validator", "WARN",
            "org.apache.tomcat.jdbc", "WARN",
            "io.dropwizard", "WARN",
            "oshi", "ERROR");

    private static final List<String> OWN = List.of("io.lyftdata", "access");

    private Logging() {}

    static void configure(ServerConfig config, Path directory, MetricRegistry metrics) {
        DefaultLoggingFactory logging = new DefaultLoggingFactory();
        String level = config.logLevel().toUpperCase(Locale.ROOT);
        logging.setLevel(ofOthers(level).toString());
        Map<String, JsonNode> levels = new HashMap<>();
        QUIETER.forEach((name, quieter) -> levels.put(name, TextNode.valueOf(quieter)));
        OWN.forEach(name -> levels.put(name, TextNode.valueOf(level)));
        logging.setLoggers(levels);
        AsciiLayout json = json();
        logging.setAppenders(List.of(new OneQueue(List.of(console(json), file(config, directory, json)))));
        logging.configure(metrics, "lyftdata");
    }

    /** What libraries say below INFO holds headers and bodies, and so secrets: no level lets it through. */
    private static Level ofOthers(String level) {
        Level wanted = Level.valueOf(level);
        return wanted.isGreaterOrEqual(Level.INFO) ? wanted : Level.INFO;
    }

    /** The level, and how long old files are kept, of a running server; no line is lost. */
    static void adjust(ServerConfig config) {
        if (LoggerFactory.getILoggerFactory() instanceof LoggerContext context) {
            Logger root = context.getLogger(Logger.ROOT_LOGGER_NAME);
            root.setLevel(ofOthers(config.logLevel()));
            OWN.forEach(name -> context.getLogger(name).setLevel(Level.valueOf(config.logLevel())));
            keep(config.logRetentionDays(), root);
        }
    }

    private static void keep(int days, AppenderAttachable<ILoggingEvent> appenders) {
        appenders.iteratorForAppenders().forEachRemaining(appender -> {
            if (appender instanceof AsyncAppender queue) {
                keep(days, queue);
            } else if (appender instanceof Outputs outputs) {
                keep(days, outputs.attached);
            } else if (appender instanceof RollingFileAppender<ILoggingEvent> file
                    && file.getRollingPolicy() instanceof TimeBasedRollingPolicy<?> policy) {
                policy.getTimeBasedFileNamingAndTriggeringPolicy()
                        .getArchiveRemover()
                        .setMaxHistory(days);
            }
        });
    }

    @SuppressWarnings("SystemConsoleNull") // Terminal asks for the console that is null without a terminal
    private static AppenderFactory<ILoggingEvent> console(AsciiLayout json) {
        ConsoleAppenderFactory<ILoggingEvent> console = new ConsoleAppenderFactory<>() {
            @Override
            protected Appender<ILoggingEvent> wrapAsync(
                    Appender<ILoggingEvent> appender, AsyncAppenderFactory<ILoggingEvent> factory, Context context) {
                return appender;
            }
        };
        if (System.console() == null) {
            console.setLayout(json);
        } else {
            console.setLogFormat(PLAIN);
        }
        return console;
    }

    private static AppenderFactory<ILoggingEvent> file(ServerConfig config, Path directory, AsciiLayout json) {
        FileAppenderFactory<ILoggingEvent> file = new FileAppenderFactory<>() {
            @Override
            protected Appender<ILoggingEvent> wrapAsync(
                    Appender<ILoggingEvent> appender, AsyncAppenderFactory<ILoggingEvent> factory, Context context) {
                return appender;
            }
        };
        file.setCurrentLogFilename(directory.resolve("server.log").toString());
        file.setArchivedLogFilenamePattern(
                directory.resolve("server-%d.%i.log.gz").toString());
        file.setArchivedFileCount(config.logRetentionDays());
        file.setMaxFileSize(DataSize.mebibytes(64));
        file.setLayout(json);
        return file;
    }

    private static AsciiLayout json() {
        AsciiLayout layout = new AsciiLayout();
        layout.setTimestampFormat("yyyy-MM-dd'T'HH:mm:ss.SSS'Z'");
        layout.setIncludes(EnumSet.of(
                EventAttribute.TIMESTAMP,
                EventAttribute.LEVEL,
                EventAttribute.LOGGER_NAME,
                EventAttribute.THREAD_NAME,
                EventAttribute.MESSAGE,
                EventAttribute.MDC,
                EventAttribute.EXCEPTION));
        layout.setFlattenMdc(true);
        return layout;
    }

    /** All outputs behind one queue: a line wakes one thread, not one for each. */
    private static final class OneQueue extends AbstractAppenderFactory<ILoggingEvent> {
        private final List<AppenderFactory<ILoggingEvent>> factories;

        /** @param factories of outputs that have no queue of their own */
        private OneQueue(List<AppenderFactory<ILoggingEvent>> factories) {
            this.factories = factories;
        }

        @Override
        public Appender<ILoggingEvent> build(
                LoggerContext context,
                String applicationName,
                LayoutFactory<ILoggingEvent> layoutFactory,
                LevelFilterFactory<ILoggingEvent> levelFilterFactory,
                AsyncAppenderFactory<ILoggingEvent> asyncAppenderFactory) {
            Outputs outputs = new Outputs();
            outputs.setContext(context);
            outputs.setName("outputs");
            outputs.addFilter(new PeerGone());
            factories.forEach(factory -> outputs.attached.addAppender(
                    factory.build(context, applicationName, layoutFactory, levelFilterFactory, asyncAppenderFactory)));
            outputs.start();
            return wrapAsync(outputs, asyncAppenderFactory);
        }
    }

    private static final class Outputs extends UnsynchronizedAppenderBase<ILoggingEvent> {
        private final AppenderAttachableImpl<ILoggingEvent> attached = new AppenderAttachableImpl<>();

        @Override
        protected void append(ILoggingEvent event) {
            attached.appendLoopOnAppenders(event);
        }

        @Override
        public void stop() {
            super.stop();
            attached.detachAndStopAllAppenders();
        }
    }

    /** Leaves out Jersey's stack trace about a peer that left, or was cut off: the access log has the request. */
    private static final class PeerGone extends Filter<ILoggingEvent> {
        @Override
        public FilterReply decide(ILoggingEvent event) {
            boolean isJerseys = event.getLoggerName().equals("org.glassfish.jersey.server.ServerRuntime$Responder");
            return isJerseys
                            && event.getThrowableProxy() instanceof ThrowableProxy thrown
                            && Causes.isOfEndedConnection(thrown.getThrowable())
                    ? FilterReply.DENY
                    : FilterReply.NEUTRAL;
        }
    }

    /** Leaves no line separator, bidirectional mark or terminal sequence in a line, whoever put it there. */
    private static final class AsciiLayout extends EventJsonLayoutBaseFactory {
        private Once once;

        @Override
        protected JsonFormatter createDropwizardJsonFormatter() {
            JsonMapper ascii = JsonMapper.builder()
                    .enable(JsonWriteFeature.ESCAPE_NON_ASCII)
                    .build();
            return new JsonFormatter(ascii, isPrettyPrint(), isAppendLineSeparator());
        }

        /** The same for every output. */
        @Override
        public LayoutBase<ILoggingEvent> build(LoggerContext context, TimeZone zone) {
            if (once == null) {
                once = new Once(super.build(context, zone));
            }
            return once;
        }
    }

    /**
     * Lays a line out once for all outputs, which ask from one thread, and spares it the stack trace in which Dropwizard's
     * layout looks for a caller that it does not name.
     */
    private static final class Once extends LayoutBase<ILoggingEvent> {
        private final LayoutBase<ILoggingEvent> layout;
        private ILoggingEvent last;
        private String text;

        private Once(LayoutBase<ILoggingEvent> layout) {
            this.layout = layout;
        }

        @Override
        public void start() {
            layout.start();
            super.start();
        }

        @Override
        public String doLayout(ILoggingEvent event) {
            if (event != last) {
                if (event instanceof LoggingEvent line && !line.hasCallerData()) {
                    line.setCallerData(CallerData.EMPTY_CALLER_DATA_ARRAY);
                }
                last = event;
                text = layout.doLayout(event);
            }
            return text;
        }
    }
}
