package io.lyftdata.client;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import io.lyftdata.api.Problem;
import io.lyftdata.config.Secret;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandler;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;

/**
 * Calls one server over HTTP/1.1 with connections that are kept. Every call that brings no 2xx answer throws
 * {@link ApiFailure}. Redirects are not followed, so a credential goes to this server only. Safe for use by many
 * threads.
 */
public final class ApiClient {
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(5);
    private static final Duration TIMEOUT = Duration.ofSeconds(30);
    private static final int MAX_PROBLEM_BYTES = 65536;
    private static final String JSON = "application/json";

    private final Endpoint endpoint;
    private final HttpClient http;
    private final Map<String, String> headers;

    /** @throws io.lyftdata.config.BadSetting when the CA file cannot be used */
    public ApiClient(Endpoint endpoint) {
        this(endpoint, open(endpoint), Map.of());
    }

    private ApiClient(Endpoint endpoint, HttpClient http, Map<String, String> headers) {
        this.endpoint = endpoint;
        this.http = http;
        this.headers = headers;
    }

    private static HttpClient open(Endpoint endpoint) {
        HttpClient.Builder builder = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .followRedirects(HttpClient.Redirect.NEVER)
                .connectTimeout(CONNECT_TIMEOUT);
        if (endpoint.isTls()) {
            builder.sslContext(Tls.context(endpoint.trust())).sslParameters(Tls.parameters());
        }
        return builder.build();
    }

    public Endpoint endpoint() {
        return endpoint;
    }

    /** The same client, over the same connections, that sends {@code Authorization: SCHEME SECRET}. */
    public ApiClient authorized(String scheme, Secret secret) {
        return with("Authorization", scheme + " " + secret.reveal());
    }

    /** The same client, over the same connections, with this header on every call. */
    public ApiClient with(String header, String value) {
        return new ApiClient(endpoint, http, merged(headers, Map.of(header, value)));
    }

    /** One part of a path, such as a worker's id, with all that has a meaning in a URL escaped (RFC 3986). */
    public static String segment(String text) {
        String encoded = URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
        return encoded.matches("\\.{1,2}") ? encoded.replace(".", "%2E") : encoded;
    }

    public <T> T get(String path, Map<String, ?> query, Class<T> type) {
        return call("GET", path, query, null, type);
    }

    public <T> T get(String path, Map<String, ?> query, TypeReference<T> type) {
        return parse(
                send("GET", path, query, Map.of("Accept", JSON), new byte[0]),
                body -> Json.MAPPER.readValue(body, type));
    }

    /** @param body written as JSON; null: no body */
    public <T> T post(String path, Object body, Class<T> type) {
        return call("POST", path, Map.of(), body, type);
    }

    /** @param body written as JSON; null: no body */
    public <T> T put(String path, Object body, Class<T> type) {
        return call("PUT", path, Map.of(), body, type);
    }

    public <T> T delete(String path, Map<String, ?> query, Class<T> type) {
        return call("DELETE", path, query, null, type);
    }

    public void delete(String path) {
        send("DELETE", path, Map.of(), Map.of(), new byte[0]);
    }

    /**
     * Any call, read to its end.
     *
     * @param query written in iteration order, escaped
     * @param more headers of this call
     * @throws ApiFailure for all but 2xx
     */
    public ApiAnswer send(String method, String path, Map<String, ?> query, Map<String, String> more, byte[] body) {
        HttpResponse<byte[]> response = exchange(request(method, path, query, more, body), BodyHandlers.ofByteArray());
        if (response.statusCode() / 100 != 2) {
            throw failure(response, response.body());
        }
        return new ApiAnswer(response.statusCode(), response.headers(), response.body());
    }

    /** The body as it comes, for as long as the server sends; the caller closes it. */
    public InputStream stream(String path, Map<String, ?> query) {
        HttpResponse<InputStream> response =
                exchange(request("GET", path, query, Map.of(), new byte[0]), BodyHandlers.ofInputStream());
        if (response.statusCode() / 100 == 2) {
            return response.body();
        }
        try (InputStream body = response.body()) {
            throw failure(response, body.readNBytes(MAX_PROBLEM_BYTES));
        } catch (IOException e) {
            throw failure(response, new byte[0]);
        }
    }

    private <T> T call(String method, String path, Map<String, ?> query, Object body, Class<T> type) {
        Map<String, String> more = body == null ? Map.of("Accept", JSON) : Map.of("Accept", JSON, "Content-Type", JSON);
        ApiAnswer answer = send(method, path, query, more, body == null ? new byte[0] : write(body));
        return type == Void.class ? null : parse(answer, bytes -> Json.MAPPER.readValue(bytes, type));
    }

    private HttpRequest request(
            String method, String path, Map<String, ?> query, Map<String, String> more, byte[] body) {
        String search = query.entrySet().stream()
                .map(part -> segment(part.getKey()) + "=" + segment(String.valueOf(part.getValue())))
                .collect(Collectors.joining("&"));
        HttpRequest.Builder builder = HttpRequest.newBuilder(
                        URI.create(endpoint.url() + path + (search.isEmpty() ? "" : "?" + search)))
                .timeout(TIMEOUT)
                .method(method, body.length == 0 ? BodyPublishers.noBody() : BodyPublishers.ofByteArray(body));
        merged(headers, more).forEach(builder::setHeader);
        return builder.build();
    }

    private <T> HttpResponse<T> exchange(HttpRequest request, BodyHandler<T> handler) {
        // The request's own time-out ends with the headers; this one holds for the body too.
        CompletableFuture<HttpResponse<T>> pending = http.sendAsync(request, handler);
        try {
            return pending.get(TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            throw new Trouble(endpoint).of(e.getCause());
        } catch (TimeoutException e) {
            pending.cancel(true);
            throw new Trouble(endpoint).of(e);
        } catch (InterruptedException e) {
            pending.cancel(true);
            Thread.currentThread().interrupt();
            throw new ApiFailure("the call to " + endpoint.url() + " was interrupted");
        }
    }

    private ApiFailure failure(HttpResponse<?> response, byte[] body) {
        int status = response.statusCode();
        Optional<Problem> problem = problem(body);
        Optional<Duration> wait = response.headers()
                .firstValue("Retry-After")
                .filter(text -> text.matches("\\d{1,9}"))
                .map(text -> Duration.ofSeconds(Long.parseLong(text)));
        String sentence = problem.map(Problem::detail)
                .orElse("the server at " + endpoint.url() + " answered with HTTP status " + status
                        + (status / 100 == 3 ? ": use the URL that it listens on itself" : ""));
        return new ApiFailure(sentence.replaceAll("\\p{Cntrl}", " "), status, problem, wait);
    }

    private static Optional<Problem> problem(byte[] body) {
        try {
            return Optional.ofNullable(Json.MAPPER.readValue(body, Problem.class))
                    .filter(problem -> problem.code() != null && problem.detail() != null);
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    private interface Reading<T> {
        T read(byte[] body) throws IOException;
    }

    private <T> T parse(ApiAnswer answer, Reading<T> reading) {
        try {
            T value = reading.read(answer.body());
            if (value != null) {
                return value;
            }
        } catch (IOException e) {
            // Falls through: what came is not what this version understands.
        }
        throw new ApiFailure("the answer of " + endpoint.url() + " cannot be read: is it a LyftData server, of a"
                + " version near this one?");
    }

    private static byte[] write(Object body) {
        try {
            return Json.MAPPER.writeValueAsBytes(body);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("a wire record that is no JSON", e);
        }
    }

    private static Map<String, String> merged(Map<String, String> some, Map<String, String> more) {
        Map<String, String> all = new LinkedHashMap<>(some);
        all.putAll(more);
        return all;
    }
}
