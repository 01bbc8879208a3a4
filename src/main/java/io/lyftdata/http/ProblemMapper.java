package io.lyftdata.http;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.lyftdata.api.Code;
import io.lyftdata.api.Problem;
import io.lyftdata.api.Refusal;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.ws.rs.WebApplicationException;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.NoContentException;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.ext.ExceptionMapper;
import java.util.Optional;
import java.util.concurrent.TimeoutException;
import org.eclipse.jetty.http.HttpException;
import org.glassfish.jersey.message.internal.HeaderValueException;
import org.glassfish.jersey.server.ParamException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;

/**
 * The one place where errors become answers: problem+json whatever the client accepts. What is not the client's fault
 * is logged once, with the request's id; no exception's own text leaves the process.
 */
public final class ProblemMapper implements ExceptionMapper<Throwable> {
    private static final Logger LOG = LoggerFactory.getLogger(ProblemMapper.class);

    /** The present one; null when Jersey runs outside a servlet container. */
    @Context
    private HttpServletRequest request;

    @Override
    public Response toResponse(Throwable error) {
        if (error instanceof WebApplicationException web && web.getResponse().getStatus() < 400) {
            return web.getResponse();
        }
        Refusal refusal = refusal(error);
        if (request != null) {
            Problems.note(request, refusal);
        }
        Response.ResponseBuilder response = Response.status(refusal.code().status())
                .type(Problem.MEDIA_TYPE)
                .entity(Problems.body(refusal, MDC.get(RequestId.KEY)));
        Problems.headers(refusal).forEach(response::header);
        if (error instanceof WebApplicationException web) {
            response.header(HttpHeaders.ALLOW, web.getResponse().getHeaderString(HttpHeaders.ALLOW));
        }
        return response.build();
    }

    /** The answer that the error deserves; what is the server's own fault is logged. */
    public static Refusal refusal(Throwable error) {
        Optional<Refusal> meant = Causes.find(error, Refusal.class);
        if (meant.isPresent()) {
            if (meant.get().getCause() != null) {
                LOG.warn(
                        "a request was refused: {}",
                        meant.get().detail(),
                        meant.get().getCause());
            }
            return meant.get();
        }
        if (error instanceof WebApplicationException web) {
            return ofWeb(web);
        }
        return ofRequest(error).orElseGet(() -> ofServer(error));
    }

    private static Refusal ofWeb(WebApplicationException error) {
        if (error instanceof ParamException parameter && !(error instanceof ParamException.PathParamException)) {
            return new Refusal(
                    Code.UNPROCESSABLE,
                    "the parameter `" + parameter.getParameterName() + "` has a value that is not accepted");
        }
        int status = error.getResponse().getStatus();
        return status == Code.INTERNAL_ERROR.status() ? ofServer(error) : Problems.ofStatus(status);
    }

    /** What the client sent, or did not send to its end. */
    private static Optional<Refusal> ofRequest(Throwable error) {
        Optional<JsonProcessingException> json = Causes.find(error, JsonProcessingException.class);
        if (json.isPresent()) {
            return JsonTrouble.refusal(json.get());
        }
        if (error instanceof NoContentException) {
            return Optional.of(new Refusal(Code.BAD_REQUEST, "the body is empty: send what the route takes"));
        }
        if (error instanceof HeaderValueException header
                && header.getContext() == HeaderValueException.Context.INBOUND) {
            return Optional.of(new Refusal(Code.BAD_REQUEST, "a header cannot be read: check Accept and Content-Type"));
        }
        Optional<HttpException> framing = Causes.find(error, HttpException.class);
        if (framing.isPresent()) {
            return Optional.of(Problems.ofStatus(framing.get().getCode()));
        }
        if (Causes.find(error, TimeoutException.class).isPresent()) {
            return Optional.of(Problems.ofStatus(Code.REQUEST_TIMEOUT.status()));
        }
        return Causes.isOfEndedConnection(error)
                ? Optional.of(Problems.ofStatus(Code.BAD_REQUEST.status()))
                : Optional.empty();
    }

    private static Refusal ofServer(Throwable error) {
        Optional<Refusal> storage = StorageTrouble.refusal(error);
        if (storage.isPresent()) {
            LOG.warn("a request met trouble with the storage", error);
            return storage.get();
        }
        LOG.error("a request failed", error);
        return Problems.ofStatus(Code.INTERNAL_ERROR.status());
    }
}
