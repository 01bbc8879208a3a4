package io.lyftdata.http;

import io.dropwizard.auth.Auth;
import io.lyftdata.api.Code;
import io.lyftdata.api.Refusal;
import io.lyftdata.auth.Allowed;
import io.lyftdata.auth.Caller;
import io.lyftdata.auth.Collectors;
import io.lyftdata.auth.Open;
import io.lyftdata.auth.OriginFilter;
import io.lyftdata.auth.Role;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import java.io.IOException;
import java.io.InputStream;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jdbi.v3.core.statement.UnableToExecuteStatementException;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteException;

/** Routes of every kind. */
@Path("/api")
@Produces(MediaType.APPLICATION_JSON)
public class FixtureResource {
    /** A body. */
    public record Body(String name, long count, Instant time, List<Part> parts, Map<String, String> labels) {}

    /** A part of it. */
    public record Part(String id, int size) {
        public Part {
            if (size < 0) {
                throw new IllegalArgumentException("secret-detail");
            }
        }
    }

    @GET
    @Path("/open")
    @Open("for the test")
    public Map<String, String> open(@Context ContainerRequestContext request) {
        return Map.of("address", OriginFilter.of(request).text());
    }

    @GET
    @Path("/who")
    @Allowed(Role.VIEWER)
    public Map<String, String> who(@Auth Caller caller) {
        return Map.of("id", caller.id());
    }

    @POST
    @Path("/admin")
    @Allowed(Role.ADMIN)
    public Map<String, String> admin(@Auth Caller caller) {
        return Map.of("id", caller.id());
    }

    @GET
    @Path("/metrics")
    @Allowed({Role.VIEWER, Role.COLLECTOR})
    @Collectors("metrics")
    public Map<String, String> metrics(@Auth Caller caller) {
        return Map.of("id", caller.id());
    }

    @POST
    @Path("/enroll")
    @Allowed(Role.ENROLLING)
    public Map<String, String> enroll(@Auth Caller caller) {
        return Map.of("id", caller.id());
    }

    @POST
    @Path("/echo")
    @Open("for the test")
    public Body echo(Body body) {
        return body;
    }

    @POST
    @Path("/worker/echo")
    @Open("for the test")
    public Body lenientEcho(Body body) {
        return body;
    }

    @POST
    @Path("/worker/who")
    @Allowed(Role.WORKER)
    public Map<String, String> worker(@Auth Caller caller) {
        return Map.of("id", caller.id());
    }

    @POST
    @Path("/worker/bytes")
    @Takes("*/*")
    @Open("for the test")
    public long bytes(InputStream body) throws IOException {
        return body.readAllBytes().length;
    }

    @Path("/sub")
    public Sub sub() {
        return new Sub();
    }

    /** Reached through a locator. */
    @Produces(MediaType.APPLICATION_JSON)
    public static class Sub {
        @GET
        @Path("/closed")
        @Allowed(Role.VIEWER)
        public Map<String, String> closed(@Auth Caller caller) {
            return Map.of("id", caller.id());
        }
    }

    @Path("/leak")
    public Leak leak() {
        return new Leak();
    }

    /** Reached through a locator, and one of its methods names no caller. */
    @Produces(MediaType.APPLICATION_JSON)
    public static class Leak {
        @GET
        @Path("/forgotten")
        public Map<String, String> forgotten() {
            return Map.of("never", "seen");
        }
    }

    @GET
    @Path("/fail")
    @Produces(MediaType.TEXT_PLAIN)
    @Open("for the test")
    public String fail(@QueryParam("kind") String kind, @QueryParam("number") int number) throws Exception {
        switch (kind) {
            case "refusal" ->
                throw new Refusal(Code.TOO_MANY_REQUESTS, "slower")
                        .retryAfter(Duration.ofMillis(1500))
                        .with("extra", 7);
            case "bug" -> throw new IllegalStateException("secret-detail");
            case "busy" -> throw wrapped(SQLiteErrorCode.SQLITE_BUSY);
            case "full" -> throw wrapped(SQLiteErrorCode.SQLITE_FULL);
            case "constraint" -> throw wrapped(SQLiteErrorCode.SQLITE_CONSTRAINT);
            case "lost" ->
                throw new UnableToExecuteStatementException(new SQLException("secret-detail", "08006"), null);
            case "enospc" -> throw new IOException("No space left on device");
            default -> throw new Refusal(Code.UNPROCESSABLE, "no such kind");
        }
    }

    private static Exception wrapped(SQLiteErrorCode code) {
        return new UnableToExecuteStatementException(new SQLiteException("secret-detail", code), null);
    }
}
