package io.lyftdata.monitoring;

import com.codahale.metrics.Counter;
import com.codahale.metrics.Gauge;
import com.codahale.metrics.Metric;
import com.codahale.metrics.MetricRegistry;
import io.prometheus.metrics.model.registry.MultiCollector;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import io.prometheus.metrics.model.snapshots.PrometheusNaming;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The product's gauges and counters in Dropwizard's registry: {@code posture.findings.high} is told as
 * {@code lyftdata_server_posture_findings_high}, and days are told in seconds. What libraries put there, under names of classes, is left out.
 */
final class Registered implements MultiCollector {
    private static final Pattern OURS = Pattern.compile("(?!(org|ch|com|io|jvm)\\.)[a-z][a-z0-9._-]*");

    private static final Logger LOG = LoggerFactory.getLogger(Registered.class);

    private static final double SECONDS_PER_DAY = 86_400;

    private final String prefix;
    private final MetricRegistry registry;

    Registered(String prefix, MetricRegistry registry) {
        this.prefix = prefix;
        this.registry = registry;
    }

    @Override
    public MetricSnapshots collect() {
        MetricSnapshots.Builder all = MetricSnapshots.builder();
        for (Map.Entry<String, Metric> metric : registry.getMetrics().entrySet()) {
            if (OURS.matcher(metric.getKey()).matches()) {
                snapshot(metric.getKey(), metric.getValue()).ifPresent(all::metricSnapshot);
            }
        }
        return all.build();
    }

    /** Base units: {@code certificate.days-to-expiry} becomes {@code …_certificate_seconds_to_expiry}. */
    private static boolean isInDays(String registered) {
        return registered.contains(".days-");
    }

    private String name(String registered) {
        if (isInDays(registered)) {
            return name(registered.replace(".days-", ".seconds-"));
        }
        return PrometheusNaming.sanitizeMetricName(prefix + registered.replaceAll("[^A-Za-z0-9_]", "_"));
    }

    private Optional<MetricSnapshot> snapshot(String registered, Metric metric) {
        if (metric instanceof Counter counter) {
            return Optional.of(CounterSnapshot.builder()
                    .name(name(registered))
                    .help("The server's " + registered.replaceAll("[._-]+", " ") + ".")
                    .dataPoint(CounterSnapshot.CounterDataPointSnapshot.builder()
                            .value((double) counter.getCount())
                            .build())
                    .build());
        }
        if (metric instanceof Gauge<?> gauge && read(registered, gauge) instanceof Number value) {
            return Optional.of(GaugeSnapshot.builder()
                    .name(name(registered))
                    .help("The server's " + registered.replaceAll("[._-]+", " ") + ".")
                    .dataPoint(GaugeSnapshot.GaugeDataPointSnapshot.builder()
                            .value(value.doubleValue() * (isInDays(registered) ? SECONDS_PER_DAY : 1))
                            .build())
                    .build());
        }
        return Optional.empty();
    }

    /** Null when it cannot be read now, which must not hide the rest. */
    private static Object read(String registered, Gauge<?> gauge) {
        try {
            return gauge.getValue();
        } catch (RuntimeException e) {
            LOG.warn("the metric {} could not be read", registered, e);
            return null;
        }
    }
}
