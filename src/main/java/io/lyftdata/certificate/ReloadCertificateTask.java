package io.lyftdata.certificate;

import io.lyftdata.api.certificate.Swap;
import io.lyftdata.auth.Caller;
import io.lyftdata.http.AdminTasks;

/** {@code reload-certificate}: serves what the files hold now, or a renewed one when that is due. */
public final class ReloadCertificateTask implements AdminTasks.Task<ReloadCertificateTask.NoArguments> {
    private final ServerCertificate certificate;

    public ReloadCertificateTask(ServerCertificate certificate) {
        this.certificate = certificate;
    }

    /** It takes none. */
    public record NoArguments() {}

    @Override
    public String name() {
        return "reload-certificate";
    }

    @Override
    public Class<NoArguments> arguments() {
        return NoArguments.class;
    }

    @Override
    public Swap run(Caller host, NoArguments none) {
        return certificate.reload(host);
    }
}
