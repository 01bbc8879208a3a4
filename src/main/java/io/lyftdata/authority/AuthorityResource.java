package io.lyftdata.authority;

import io.lyftdata.auth.Open;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;

/** {@code GET /api/ca}: the CA certificates, PEM. */
@Path("/api/ca")
public final class AuthorityResource {
    private final Authority authority;

    public AuthorityResource(Authority authority) {
        this.authority = authority;
    }

    @GET
    @Produces("application/x-pem-file")
    @Open("certificates are public; trust comes from the pin")
    public String bundle() {
        return authority.bundle();
    }
}
