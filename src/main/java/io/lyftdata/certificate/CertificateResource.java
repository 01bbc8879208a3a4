package io.lyftdata.certificate;

import io.dropwizard.auth.Auth;
import io.lyftdata.api.certificate.Serving;
import io.lyftdata.api.certificate.Swap;
import io.lyftdata.auth.Allowed;
import io.lyftdata.auth.Caller;
import io.lyftdata.auth.Role;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;

/** {@code /api/certificate} and {@code /api/certificate/rotate}. */
@Path("/api")
@Produces(MediaType.APPLICATION_JSON)
public final class CertificateResource {
    private final ServerCertificate certificate;

    public CertificateResource(ServerCertificate certificate) {
        this.certificate = certificate;
    }

    @GET
    @Path("certificate")
    @Allowed(Role.ADMIN)
    public Serving show(@Auth Caller caller) {
        return certificate.show();
    }

    @POST
    @Path("certificate/rotate")
    @Allowed(Role.ADMIN)
    public Swap rotate(@Auth Caller caller) {
        return certificate.rotate(caller);
    }
}
