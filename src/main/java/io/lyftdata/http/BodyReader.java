package io.lyftdata.http;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.lyftdata.api.Code;
import io.lyftdata.api.Refusal;
import jakarta.ws.rs.container.ResourceInfo;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.UriInfo;
import jakarta.ws.rs.ext.ReaderInterceptor;
import jakarta.ws.rs.ext.ReaderInterceptorContext;
import java.io.IOException;
import java.util.function.Predicate;

/**
 * Reads every body: of the one type that the method takes, and JSON strictly, but for routes where unknown fields are
 * passed over and counted. Never null.
 */
public final class BodyReader implements ReaderInterceptor {
    private final ObjectMapper strict;
    private final ObjectMapper lenient;
    private final Predicate<String> isLenient;

    @Context
    private UriInfo uri;

    @Context
    private ResourceInfo resource;

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
    public Object aroundReadFrom(ReaderInterceptorContext context) throws IOException {
        Class<?> type = context.getType();
        String taken = taken();
        if (!MediaType.valueOf(taken).isCompatible(context.getMediaType())) {
            throw new Refusal(Code.MEDIA_TYPE_UNSUPPORTED, "send the body with Content-Type: " + taken);
        }
        boolean isRaw = type.getName().startsWith("java.") || type == byte[].class;
        if (isRaw) {
            return context.proceed();
        }
        ObjectMapper mapper = isLenient.test("/" + uri.getPath()) ? lenient : strict;
        Object value =
                mapper.readerFor(mapper.constructType(context.getGenericType())).readValue(context.getInputStream());
        if (value == null) {
            throw new Refusal(Code.BAD_REQUEST, "the body is empty: send a JSON object");
        }
        return value;
    }

    private String taken() {
        Takes takes = resource.getResourceMethod().getAnnotation(Takes.class);
        return takes == null ? MediaType.APPLICATION_JSON : takes.value();
    }
}
