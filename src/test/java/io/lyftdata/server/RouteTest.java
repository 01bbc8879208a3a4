package io.lyftdata.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import io.lyftdata.api.Workers.Add;
import io.lyftdata.api.Workers.Isolate;
import io.lyftdata.api.Workers.IssuedKey;
import io.lyftdata.api.Workers.View;
import io.lyftdata.client.ApiClient;
import io.lyftdata.crypto.KeyString;
import io.lyftdata.testing.RawClient;
import io.lyftdata.testing.TestServer;
import io.lyftdata.testing.TestWorker;
import jakarta.ws.rs.HttpMethod;
import jakarta.ws.rs.Path;
import java.io.IOException;
import java.lang.annotation.Annotation;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Every route of {@code docs/api.md}, with every kind of credential: exactly who is listed gets in. */
class RouteTest {
    private static final String LOCAL = "127.0.8.1";
    private static final Pattern ROW = Pattern.compile("\\| ([A-Z]+) \\| `(/[^`]*)` \\| (.*) \\|");

    record Route(String method, String path, Set<String> who) {
        /** A path that hits nothing that exists. */
        String example() {
            return path.replaceAll("\\{[a-z]+}", "nobody");
        }

        private boolean admits(String role) {
            return switch (role) {
                case "admin" -> who.contains("admin") || who.contains("operator") || who.contains("viewer");
                case "operator" -> who.contains("operator") || who.contains("viewer");
                default -> who.contains(role);
            };
        }
    }

    private static RawClient raw;
    /** Credentials that are good for their role, as header lines. */
    private static final Map<String, String> GOOD = new LinkedHashMap<>();
    /** Credentials that are good for nobody, with the code each must get. */
    private static final Map<String, String> BAD = new LinkedHashMap<>();

    @BeforeAll
    static void makeCredentials() {
        TestServer server = TestServer.shared();
        raw = RawClient.of(server);
        ApiClient admin = server.admin();
        for (String role : List.of("viewer", "operator", "admin")) {
            GOOD.put(role, "Authorization: Bearer " + server.token(role));
        }
        TestWorker worker = TestWorker.enroll(server, "route-test");
        GOOD.put("worker", "Authorization: Bearer " + worker.key().reveal());
        IssuedKey bootstrap = admin.post("/api/workers", new Add("route-test-2", Map.of()), IssuedKey.class);
        GOOD.put("bootstrap", "Authorization: Bearer " + bootstrap.key());
        GOOD.put("enrolling", "Authorization: Enrollment " + TestWorker.secret(server));
        GOOD.put("collector", "Authorization: WHITELIST prometheus");

        for (KeyString.Kind kind : KeyString.Kind.values()) {
            BAD.put("Authorization: Bearer " + KeyString.generate(kind).reveal(), "key_unknown");
        }
        String mistyped = KeyString.generate(KeyString.Kind.API_TOKEN).reveal().replaceFirst(".$", "x");
        BAD.put("Authorization: Bearer " + mistyped, "credentials_malformed");
        BAD.put("Authorization: Basic YWRtaW46YWRtaW4=", "credentials_malformed");
        BAD.put("Authorization: Enrollment " + "0".repeat(32), "enrollment_refused");
        BAD.put("X-Nothing: at all", "credentials_missing");
        TestWorker isolated = TestWorker.enroll(server, "route-test-3");
        admin.post("/api/workers/route-test-3/isolate", new Isolate("stolen", null), View.class);
        BAD.put("Authorization: Bearer " + isolated.key().reveal(), "worker_isolated");
        String revoked = server.token("admin");
        admin.delete("/api/tokens/" + KeyString.parse(revoked).orElseThrow().id());
        BAD.put("Authorization: Bearer " + revoked, "key_revoked");
    }

    static List<Route> documented() throws IOException {
        List<Route> routes = new ArrayList<>();
        for (String line : Files.readAllLines(java.nio.file.Path.of("docs/api.md"))) {
            Matcher row = ROW.matcher(line);
            if (row.matches()) {
                Set<String> who =
                        Pattern.compile(", ").splitAsStream(row.group(3)).collect(Collectors.toSet());
                routes.add(new Route(row.group(1), row.group(2), who));
            }
        }
        return routes;
    }

    @Test
    void everyRouteIsDocumentedAndEveryDocumentedRouteIsThere() throws Exception {
        Set<String> coded = new TreeSet<>();
        ClassFileImporter main = new ClassFileImporter().withImportOption(location -> !location.contains("/test"));
        for (JavaClass type : main.importPackages("io.lyftdata")) {
            if (type.isAnnotatedWith(Path.class)) {
                Class<?> resource = Class.forName(type.getName());
                for (Method method : resource.getDeclaredMethods()) {
                    verb(method).ifPresent(verb -> coded.add(verb + " " + path(resource, method)));
                }
            }
        }
        Set<String> documented = new TreeSet<>();
        documented().forEach(route -> documented.add(route.method() + " " + route.path()));
        assertThat(coded).isEqualTo(documented);
    }

    private static Optional<String> verb(Method method) {
        return Arrays.stream(method.getAnnotations())
                .map(Annotation::annotationType)
                .filter(type -> type.isAnnotationPresent(HttpMethod.class))
                .map(Class::getSimpleName)
                .findFirst();
    }

    private static String path(Class<?> resource, Method method) {
        String below = method.isAnnotationPresent(Path.class)
                ? "/" + method.getAnnotation(Path.class).value()
                : "";
        return resource.getAnnotation(Path.class).value() + below;
    }

    @Test
    void admitsExactlyWhoIsListed() throws IOException {
        List<String> wrong = new ArrayList<>();
        for (Route route : documented()) {
            for (var credential : GOOD.entrySet()) {
                String role = credential.getKey();
                boolean collects = role.equals("collector");
                RawClient.Answer answer = call(collects ? TestServer.COLLECTOR : LOCAL, route, credential.getValue());
                boolean open = route.who().contains("anyone");
                boolean admitted =
                        open || (answer.status() != 401 && !answer.code().equals("role_missing"));
                if (admitted != (open || route.admits(role)) || answer.status() >= 500) {
                    wrong.add(route + " with " + role + ": " + answer.status() + " " + answer.body());
                }
            }
        }
        assertThat(wrong).isEmpty();
    }

    @Test
    void admitsNobodyElse() throws IOException {
        List<String> wrong = new ArrayList<>();
        for (Route route : documented()) {
            for (var credential : BAD.entrySet()) {
                RawClient.Answer answer = call("127.0.0.4", route, credential.getKey());
                boolean known = answer.status() == 403 && answer.code().equals("worker_isolated");
                boolean asked = answer.status() == 401
                        && !answer.header("WWW-Authenticate").isEmpty();
                boolean refused = answer.code().equals(credential.getValue()) && (known || asked);
                boolean limited =
                        answer.status() == 429 && !answer.header("Retry-After").isEmpty();
                if (!refused && !limited && !route.who().contains("anyone")) {
                    wrong.add(route + ": " + answer.status() + " " + answer.body());
                }
            }
        }
        assertThat(wrong).isEmpty();
    }

    @Test
    void opensToCollectorsByTheirAddressOnly() throws IOException {
        for (Route route : documented()) {
            if (route.who().contains("collector")) {
                assertThat(call("127.0.0.9", route, GOOD.get("collector")).code())
                        .isEqualTo("address_refused");
                Route head = new Route("HEAD", route.path(), Set.of());
                assertThat(call(TestServer.COLLECTOR, head, GOOD.get("collector"))
                                .status())
                        .isIn(200, 404);
            }
        }
    }

    private static RawClient.Answer call(String source, Route route, String header) throws IOException {
        boolean reads = route.method().equals("GET") || route.method().equals("HEAD");
        return reads
                ? raw.call(source, route.method(), route.example(), "", header)
                : raw.call(source, route.method(), route.example(), "{}", header, "Content-Type: application/json");
    }
}
