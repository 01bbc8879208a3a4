package io.lyftdata.bench;

import io.dropwizard.core.Application;
import io.dropwizard.core.Configuration;
import io.dropwizard.core.setup.Environment;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.util.Map;

/** A Dropwizard hello-world: what start-up time and memory of the product are measured against. */
public final class BareServer extends Application<Configuration> {
    /** Starts it with Dropwizard's own command line, {@code server FILE}. */
    public static void main(String[] arguments) throws Exception {
        new BareServer().run(arguments);
    }

    @Override
    public void run(Configuration configuration, Environment environment) {
        environment.jersey().register(new Hello());
    }

    /** The one route. */
    @Path("/hello")
    @Produces(MediaType.APPLICATION_JSON)
    public static final class Hello {
        @GET
        public Map<String, String> hello() {
            return Map.of("hello", "world");
        }
    }
}
