package io.lyftdata.certificate;

import io.lyftdata.api.certificate.Swap;
import io.lyftdata.auth.Caller;
import io.lyftdata.http.AdminTasks;

/** {@code rotate-certificate}: serves a new certificate, of our own or from changed files. */
public final class RotateCertificateTask implements AdminTasks.Task<RotateCertificateTask.NoArguments> {
    private final ServerCertificate certificate;

    public RotateCertificateTask(ServerCertificate certificate) {
        this.certificate = certificate;
    }

    /** It takes none. */
    public record NoArguments() {}

    @Override
    public String name() {
        return "rotate-certificate";
    }

    @Override
    public Class<NoArguments> arguments() {
        return NoArguments.class;
    }

    @Override
    public Swap run(Caller host, NoArguments none) {
        return certificate.rotate(host);
    }
}
