package io.lyftdata.chain;

import io.dropwizard.auth.Auth;
import io.lyftdata.api.Code;
import io.lyftdata.api.Page;
import io.lyftdata.api.Refusal;
import io.lyftdata.api.audit.Checkpoint;
import io.lyftdata.api.audit.Exported;
import io.lyftdata.api.audit.Place;
import io.lyftdata.api.audit.Prune;
import io.lyftdata.api.audit.SignedHead;
import io.lyftdata.audit.AuditRecord;
import io.lyftdata.auth.Allowed;
import io.lyftdata.auth.Caller;
import io.lyftdata.auth.Role;
import io.lyftdata.db.Paging;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** {@code /api/audit/export} and {@code POST /api/audit/prune}. */
@Path("/api")
@Produces(MediaType.APPLICATION_JSON)
public final class ExportResource {
    private final Exports exports;
    private final Pruning pruning;

    public ExportResource(Exports exports, Pruning pruning) {
        this.exports = exports;
        this.pruning = pruning;
    }

    @GET
    @Path("audit/export")
    @Produces(Exported.MEDIA_TYPE)
    @Allowed(Role.ADMIN)
    public byte[] export(@Auth Caller caller, @QueryParam("from") String from, @QueryParam("limit") Integer limit) {
        List<AuditRecord> next = exports.behind(
                Optional.ofNullable(from).map(ExportResource::place),
                Paging.of(limit == null ? Page.MAX_LIMIT : limit, null).limit());
        String lines = next.stream().map(record -> record.line() + "\n").collect(Collectors.joining());
        return lines.getBytes(StandardCharsets.UTF_8);
    }

    private static Place place(String text) {
        return Place.parse(text)
                .orElseThrow(() -> new Refusal(
                        Code.UNPROCESSABLE, "from must be POSITION:HASH, as in the last record that was exported"));
    }

    @POST
    @Path("audit/export")
    @Allowed(Role.ADMIN)
    public SignedHead confirm(@Auth Caller caller, Exported exported) {
        return exports.confirm(caller, exported);
    }

    @POST
    @Path("audit/prune")
    @Allowed(Role.ADMIN)
    public Checkpoint prune(@Auth Caller caller, Prune wanted) {
        return pruning.prune(caller, wanted);
    }
}
