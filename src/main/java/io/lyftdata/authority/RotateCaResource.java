package io.lyftdata.authority;

import io.dropwizard.auth.Auth;
import io.lyftdata.api.certificate.RotateCa;
import io.lyftdata.auth.Allowed;
import io.lyftdata.auth.Caller;
import io.lyftdata.auth.Role;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.util.Optional;

/** {@code /api/certificate/rotate-ca}. */
@Path("/api")
@Produces(MediaType.APPLICATION_JSON)
public final class RotateCaResource {
    private final Optional<Succession> succession;

    public RotateCaResource(Optional<Succession> succession) {
        this.succession = succession;
    }

    @GET
    @Path("certificate/rotate-ca")
    @Allowed(Role.ADMIN)
    public RotateCa.State show(@Auth Caller caller) {
        return Succession.require(succession).show();
    }

    @POST
    @Path("certificate/rotate-ca")
    @Allowed(Role.ADMIN)
    public RotateCa.State take(@Auth Caller caller, RotateCa wish) {
        return Succession.require(succession).take(caller, wish);
    }
}
