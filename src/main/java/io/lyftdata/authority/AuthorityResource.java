package io.lyftdata.authority;

import io.lyftdata.api.Code;
import io.lyftdata.api.Refusal;
import io.lyftdata.auth.Open;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import java.util.function.Supplier;

/** {@code GET /api/ca}: the CA certificates, PEM. */
@Path("/api/ca")
public final class AuthorityResource {
    private final Supplier<String> authorities;

    public AuthorityResource(Supplier<String> authorities) {
        this.authorities = authorities;
    }

    @GET
    @Produces("application/x-pem-file")
    @Open(value = "certificates are public; trust comes from the pin", inLockdown = true)
    public String bundle() {
        String pem = authorities.get();
        if (pem.isEmpty()) {
            throw new Refusal(
                    Code.NOT_FOUND, "the given certificate comes without its authorities: ask who issued it for them");
        }
        return pem;
    }
}
