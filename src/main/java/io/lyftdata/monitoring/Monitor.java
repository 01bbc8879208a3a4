package io.lyftdata.monitoring;

import com.codahale.metrics.MetricRegistry;
import io.prometheus.metrics.config.EscapingScheme;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.CounterWithCallback;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.core.metrics.Info;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import io.prometheus.metrics.instrumentation.jvm.JvmMetrics;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Map;
import java.util.function.DoubleSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the server says of itself: families named {@code lyftdata_server_…} in base units, and those of its process and
 * Java machine. A reading that fails leaves its sample out and nothing else. Safe for use by many threads.
 */
public final class Monitor {
    /** Prometheus' text format 0.0.4. */
    public static final String CONTENT_TYPE = PrometheusTextFormatWriter.CONTENT_TYPE;

    private static final Logger LOG = LoggerFactory.getLogger(Monitor.class);
    private static final String PREFIX = "lyftdata_server_";

    private final PrometheusRegistry registry = new PrometheusRegistry();
    private final PrometheusTextFormatWriter writer = PrometheusTextFormatWriter.create();
    private boolean hasMachine;

    /** @param metrics whose gauges and counters are told too, under their own names behind the prefix */
    public Monitor(MetricRegistry metrics) {
        registry.register(new Registered(PREFIX, metrics));
    }

    /** A counter; its name ends in {@code _total}, which is not given here. */
    public Counter counter(String name, String help, String... labels) {
        return Counter.builder()
                .name(PREFIX + name)
                .help(help)
                .labelNames(labels)
                .withoutExemplars()
                .register(registry);
    }

    /** A fact that stays the same while the process lives; its name ends in {@code _info}, which is not given here. */
    public void info(String name, String help, String label, String value) {
        Info.builder()
                .name(PREFIX + name)
                .help(help)
                .labelNames(label)
                .register(registry)
                .setLabelValues(value);
    }

    /** A histogram of seconds. */
    public Histogram seconds(String name, String help, double[] bounds, String... labels) {
        return Histogram.builder()
                .classicOnly()
                .classicUpperBounds(bounds)
                .name(PREFIX + name)
                .help(help)
                .labelNames(labels)
                .withoutExemplars()
                .register(registry);
    }

    /** A value that is read at each scrape. */
    public void gauge(String name, String help, DoubleSupplier value) {
        GaugeWithCallback.builder()
                .name(PREFIX + name)
                .help(help)
                .callback(sample -> orLog(name, () -> sample.call(value.getAsDouble())))
                .register(registry);
    }

    /** A value for each value of a label, read at each scrape. */
    public void gauges(String name, String help, String label, Supplier<Map<String, ? extends Number>> values) {
        GaugeWithCallback.builder()
                .name(PREFIX + name)
                .help(help)
                .labelNames(label)
                .callback(sample ->
                        orLog(name, () -> values.get().forEach((key, value) -> sample.call(value.doubleValue(), key))))
                .register(registry);
    }

    /** A count that only grows, read at each scrape; its name ends in {@code _total}, which is not given here. */
    public void total(String name, String help, DoubleSupplier count) {
        CounterWithCallback.builder()
                .name(PREFIX + name)
                .help(help)
                .callback(sample -> orLog(name, () -> sample.call(count.getAsDouble())))
                .register(registry);
    }

    /** The same for each value of a label. */
    public void totals(String name, String help, String label, Supplier<Map<String, ? extends Number>> counts) {
        CounterWithCallback.builder()
                .name(PREFIX + name)
                .help(help)
                .labelNames(label)
                .callback(sample ->
                        orLog(name, () -> counts.get().forEach((key, count) -> sample.call(count.doubleValue(), key))))
                .register(registry);
    }

    /** What cannot be read now must not hide the rest, which may say why. */
    private static void orLog(String name, Runnable reading) {
        try {
            reading.run();
        } catch (RuntimeException e) {
            LOG.warn("the metric {}{} could not be read", PREFIX, name, e);
        }
    }

    /** Writes them all as they are now. */
    public void writeTo(OutputStream out) throws IOException {
        readTheMachine();
        writer.write(out, registry.scrape(), EscapingScheme.UNDERSCORE_ESCAPING);
    }

    /** At the first scrape, since a start would wait for its classes. */
    private synchronized void readTheMachine() {
        if (!hasMachine) {
            JvmMetrics.builder().register(registry);
            hasMachine = true;
        }
    }
}
