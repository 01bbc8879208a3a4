package io.lyftdata.telemetry;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.Proxy;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the worker reports: its host, its own JVM and the local Prometheus endpoints of {@code --scrape}, as one
 * exposition in the text format 0.0.4. It always answers within some seconds: an endpoint that fails is left out, and
 * {@code scrape_up} says so. For use by one thread.
 */
public final class MetricsReporter implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(MetricsReporter.class);
    private static final String HOST = "this host";
    private static final String SERVER = "server";
    private static final Duration TIMEOUT = Duration.ofSeconds(5);
    private static final int READ_MILLIS = 2000;
    private static final int MAX_BODY_BYTES = 1 << 20;
    private static final int MAX_BYTES = (3 << 20) - 65536;
    private static final int MAX_SERIES = 10_000;

    private final Map<String, URI> targets = new LinkedHashMap<>();
    private final HostMetrics host;
    private final Map<String, String> troubles = new HashMap<>();
    private final ExecutorService executor = Executors.newCachedThreadPool(task -> {
        Thread thread = new Thread(task, "scrape");
        thread.setDaemon(true);
        return thread;
    });

    private record Scraped(Exposition exposition, int reserved) {}

    /**
     * @param scrape http or https URLs
     * @param nativeDirectory where native libraries are unpacked, on the systems that need any
     * @throws IllegalArgumentException with a sentence, when a URL cannot be scraped
     */
    public MetricsReporter(List<URI> scrape, Path nativeDirectory) {
        for (URI url : scrape) {
            if (url.getHost() == null || !String.valueOf(url.getScheme()).matches("https?")) {
                throw new IllegalArgumentException("scrape: give http://HOST:PORT/PATH or https://HOST:PORT/PATH");
            }
            if (url.getRawUserInfo() != null) {
                throw new IllegalArgumentException("scrape: a URL with a password in it is not taken");
            }
            if (targets.put(url.getRawAuthority() + Objects.toString(url.getRawPath(), ""), url) != null) {
                throw new IllegalArgumentException("scrape: the same host, port and path are given twice");
            }
        }
        this.host = new HostMetrics(nativeDirectory);
    }

    /** Reads everything now; less than 3 MiB. */
    public byte[] collect() {
        Exposition all = own();
        int bytes = all.render().length;
        for (Map.Entry<String, Future<Scraped>> answer : fetchAll().entrySet()) {
            bytes += add(all, bytes, answer.getKey(), answer.getValue());
        }
        return all.render();
    }

    @Override
    public void close() {
        executor.shutdownNow();
    }

    /** The same without the endpoints: for when the server refuses something that one of them said. */
    public byte[] collectOwn() {
        return own().render();
    }

    /** Says what the server does not show of the last metrics, when that is something else than before. */
    public void leftOut(String families) {
        if (families.isEmpty()) {
            troubles.remove(SERVER);
        } else if (!families.equals(troubles.put(SERVER, families))) {
            LOG.warn(
                    "the server does not show these families, since more workers give them another type: {}", families);
        }
    }

    private Exposition own() {
        Exposition own = new Exposition();
        try {
            host.collect(own);
            troubles.remove(HOST);
        } catch (RuntimeException | LinkageError e) {
            warn(HOST, "its metrics cannot be read (" + e.getClass().getSimpleName() + ")");
        }
        HostMetrics.collectProcess(own);
        return own;
    }

    private Map<String, Future<Scraped>> fetchAll() {
        List<String> names = List.copyOf(targets.keySet());
        Map<String, Future<Scraped>> answers = new LinkedHashMap<>();
        try {
            List<Future<Scraped>> futures = executor.invokeAll(
                    names.stream()
                            .map(name -> (Callable<Scraped>) () -> fetch(name))
                            .collect(Collectors.toList()),
                    TIMEOUT.toMillis(),
                    TimeUnit.MILLISECONDS);
            for (int i = 0; i < names.size(); i++) {
                answers.put(names.get(i), futures.get(i));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return answers;
    }

    private int add(Exposition all, int bytes, String target, Future<Scraped> answer) {
        Exposition.Family up =
                all.family("scrape_up", "gauge", "Whether the worker could read this endpoint just now.");
        Exposition.Family reserved =
                all.family("scrape_reserved_families", "gauge", "Families left out: their names are LyftData's own.");
        int added = 0;
        boolean taken = false;
        try {
            Scraped scraped = answer.get();
            added = scraped.exposition().render().length;
            if (all.series() + scraped.exposition().series() > MAX_SERIES || bytes + added > MAX_BYTES) {
                warn(target, "left out: more than " + MAX_SERIES + " series or 3 MiB in all");
                added = 0;
            } else {
                List<String> left = all.merge(scraped.exposition());
                reserved.add(scraped.reserved(), "target", target);
                taken = true;
                report(target, left);
            }
        } catch (ExecutionException e) {
            warn(
                    target,
                    e.getCause() instanceof Unreadable bad
                            ? bad.getMessage()
                            : "cannot be reached (" + e.getCause().getClass().getSimpleName() + ")");
        } catch (CancellationException e) {
            warn(target, "did not answer within " + TIMEOUT.toSeconds() + " s");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        up.add(taken ? 1 : 0, "target", target);
        return added;
    }

    private void report(String target, List<String> left) {
        if (!left.isEmpty()) {
            warn(target, "has families of another type than the worker's own or an earlier endpoint's: " + left);
        } else if (troubles.remove(target) != null) {
            LOG.info("scrape of {}: well again", target);
        }
    }

    private void warn(String what, String trouble) {
        if (!trouble.equals(troubles.put(what, trouble))) {
            LOG.warn("scrape of {}: {}", what, trouble);
        }
    }

    /** What came cannot be used; the message is for people. */
    private static final class Unreadable extends IOException {
        private static final long serialVersionUID = 1L;

        Unreadable(String sentence) {
            super(sentence);
        }
    }

    private Scraped fetch(String target) throws IOException {
        String text = new String(body(targets.get(target)), StandardCharsets.UTF_8);
        ExpositionParser parser = new ExpositionParser(target);
        try {
            return new Scraped(parser.parse(text), parser.reserved());
        } catch (IOException e) {
            throw new Unreadable(e.getMessage());
        }
    }

    private static byte[] body(URI url) throws IOException {
        HttpURLConnection connection = (HttpURLConnection) url.toURL().openConnection(Proxy.NO_PROXY);
        try {
            connection.setInstanceFollowRedirects(false);
            connection.setConnectTimeout(READ_MILLIS);
            connection.setReadTimeout(READ_MILLIS);
            connection.setRequestProperty("Accept", "text/plain;version=0.0.4");
            if (connection.getResponseCode() != HttpURLConnection.HTTP_OK) {
                throw new Unreadable("answered with HTTP status " + connection.getResponseCode());
            }
            try (InputStream in = connection.getInputStream()) {
                return read(in);
            }
        } finally {
            connection.disconnect();
        }
    }

    private static byte[] read(InputStream in) throws IOException {
        long start = System.nanoTime();
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        byte[] block = new byte[16384];
        for (int n = in.read(block); n >= 0; n = in.read(block)) {
            all.write(block, 0, n);
            if (all.size() > MAX_BODY_BYTES) {
                throw new Unreadable("sent more than 1 MiB");
            }
            if (System.nanoTime() - start > TIMEOUT.toNanos()) {
                throw new Unreadable("sends too slowly");
            }
        }
        return all.toByteArray();
    }
}
