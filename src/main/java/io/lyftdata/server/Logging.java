package io.lyftdata.server;

import ch.qos.logback.classic.AsyncAppender;
import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxy;
import ch.qos.logback.core.filter.Filter;
import ch.qos.logback.core.rolling.RollingFileAppender;
import ch.qos.logback.core.rolling.TimeBasedRollingPolicy;
import ch.qos.logback.core.spi.AppenderAttachable;
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
        logging.setAppenders(List.of(console(), file(config, directory)));
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
            } else if (appender instanceof RollingFileAppender<ILoggingEvent> file
                    && file.getRollingPolicy() instanceof TimeBasedRollingPolicy<?> policy) {
                policy.getTimeBasedFileNamingAndTriggeringPolicy()
                        .getArchiveRemover()
                        .setMaxHistory(days);
            }
        });
    }

    @SuppressWarnings("SystemConsoleNull") // Terminal asks for the console that is null without a terminal
    private static AppenderFactory<ILoggingEvent> console() {
        ConsoleAppenderFactory<ILoggingEvent> console = new ConsoleAppenderFactory<>();
        if (System.console() == null) {
            asJson(console);
        } else {
            console.setLogFormat(PLAIN);
        }
        console.setFilterFactories(List.of(PeerGone::new));
        return console;
    }

    private static AppenderFactory<ILoggingEvent> file(ServerConfig config, Path directory) {
        FileAppenderFactory<ILoggingEvent> file = new FileAppenderFactory<>();
        file.setCurrentLogFilename(directory.resolve("server.log").toString());
        file.setArchivedLogFilenamePattern(
                directory.resolve("server-%d.%i.log.gz").toString());
        file.setArchivedFileCount(config.logRetentionDays());
        file.setMaxFileSize(DataSize.mebibytes(64));
        asJson(file);
        file.setFilterFactories(List.of(PeerGone::new));
        return file;
    }

    private static void asJson(AbstractAppenderFactory<ILoggingEvent> appender) {
        EventJsonLayoutBaseFactory layout = new AsciiLayout();
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
        appender.setLayout(layout);
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
        @Override
        protected JsonFormatter createDropwizardJsonFormatter() {
            JsonMapper ascii = JsonMapper.builder()
                    .enable(JsonWriteFeature.ESCAPE_NON_ASCII)
                    .build();
            return new JsonFormatter(ascii, isPrettyPrint(), isAppendLineSeparator());
        }
    }
}
