package io.lyftdata.agent;

import ch.qos.logback.classic.spi.ILoggingEvent;
import com.codahale.metrics.MetricRegistry;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.dropwizard.logging.common.ConsoleAppenderFactory;
import io.dropwizard.logging.common.DefaultLoggingFactory;
import io.dropwizard.logging.json.EventAttribute;
import io.dropwizard.logging.json.EventJsonLayoutBaseFactory;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;

/** The worker's own log: JSON lines on standard output, plain text on a terminal. */
public final class WorkerLogging {
    private static final String PLAIN = "%d{HH:mm:ss.SSS} %-5level %replace(%msg){'\\p{Cntrl}', ' '}%n%rEx{5}";
    private static final Map<String, JsonNode> QUIETER = Map.of("oshi", TextNode.valueOf("ERROR"));

    private WorkerLogging() {}

    /** @return writes what is left and ends */
    public static Runnable start(boolean plain) {
        ConsoleAppenderFactory<ILoggingEvent> console = new ConsoleAppenderFactory<>();
        if (plain) {
            console.setLogFormat(PLAIN);
        } else {
            console.setLayout(json());
        }
        DefaultLoggingFactory logging = new DefaultLoggingFactory();
        logging.setLevel("INFO");
        logging.setLoggers(QUIETER);
        logging.setAppenders(List.of(console));
        logging.configure(new MetricRegistry(), "lyftdata");
        return logging::stop;
    }

    private static EventJsonLayoutBaseFactory json() {
        EventJsonLayoutBaseFactory layout = new EventJsonLayoutBaseFactory();
        layout.setTimestampFormat("yyyy-MM-dd'T'HH:mm:ss.SSS'Z'");
        layout.setIncludes(EnumSet.of(
                EventAttribute.TIMESTAMP,
                EventAttribute.LEVEL,
                EventAttribute.LOGGER_NAME,
                EventAttribute.THREAD_NAME,
                EventAttribute.MESSAGE,
                EventAttribute.EXCEPTION));
        return layout;
    }
}
