package io.lyftdata.http;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.lyftdata.api.Code;
import io.lyftdata.api.Refusal;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.container.DynamicFeature;
import jakarta.ws.rs.container.ResourceInfo;
import jakarta.ws.rs.core.FeatureContext;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.UriBuilder;
import jakarta.ws.rs.ext.ReaderInterceptor;
import jakarta.ws.rs.ext.ReaderInterceptorContext;
import java.io.IOException;
import java.lang.reflect.Method;
import java.util.function.Predicate;

/**
 * Reads every body: of the one type that the method takes, and JSON strictly, but for routes where unknown fields are
 * passed over and counted. Never null.
 */
public final class BodyReader implements DynamicFeature {
    private final ObjectMapper strict;
    private final ObjectMapper lenient;
    private final Predicate<String> isLenient;

    /**
     * @param strict as {@link Json#configure} made it
     * @param isLenient of a path such as {@code /api/enroll}: whether unknown fields are passed over there
     * @param onUnknownField called for each field passed over
     */
    public BodyReader(ObjectMapper strict, Predicate<String> isLenient, Runnable onUnknownField) {
        this.strict = strict;
        this.lenient = Json.lenient(strict, onUnknownField);
        this.isLenient = isLenient;
    }

    @Override
    public void configure(ResourceInfo route, FeatureContext context) {
        if (!route.getResourceClass().isAnnotationPresent(Path.class)) {
            return; // Jersey's own, such as its answer to OPTIONS
        }
        Method method = route.getResourceMethod();
        UriBuilder path = UriBuilder.fromResource(route.getResourceClass());
        if (method.isAnnotationPresent(Path.class)) {
            path.path(method);
        }
        Takes takes = method.getAnnotation(Takes.class);
        context.register(new OfRoute(
                takes == null ? MediaType.APPLICATION_JSON : takes.value(),
                isLenient.test(path.toTemplate()) ? lenient : strict));
    }

    /** What is known of a route is looked up once: each request would go through proxies for it. */
    private static final class OfRoute implements ReaderInterceptor {
        private final String taken;
        private final MediaType type;
        private final ObjectMapper mapper;

        private OfRoute(String taken, ObjectMapper mapper) {
            this.taken = taken;
            this.type = MediaType.valueOf(taken);
            this.mapper = mapper;
        }

        @Override
        public Object aroundReadFrom(ReaderInterceptorContext context) throws IOException {
            if (!type.isCompatible(context.getMediaType())) {
                throw new Refusal(Code.MEDIA_TYPE_UNSUPPORTED, "send the body with Content-Type: " + taken);
            }
            Class<?> wanted = context.getType();
            boolean isRaw = wanted.getName().startsWith("java.") || wanted == byte[].class;
            if (isRaw) {
                return context.proceed();
            }
            Object value = mapper.readerFor(mapper.constructType(context.getGenericType()))
                    .readValue(context.getInputStream());
            if (value == null) {
                throw new Refusal(Code.BAD_REQUEST, "the body is empty: send a JSON object");
            }
            return value;
        }
    }
}
