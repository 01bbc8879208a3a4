package io.lyftdata.authority;

import io.lyftdata.api.certificate.RotateCa;
import io.lyftdata.auth.Caller;
import io.lyftdata.http.AdminTasks;
import java.util.Optional;

/** {@code rotate-ca}: takes one step of the authority's replacement. */
public final class RotateCaTask implements AdminTasks.Task<RotateCa> {
    private final Optional<Succession> succession;

    public RotateCaTask(Optional<Succession> succession) {
        this.succession = succession;
    }

    @Override
    public String name() {
        return "rotate-ca";
    }

    @Override
    public Class<RotateCa> arguments() {
        return RotateCa.class;
    }

    @Override
    public RotateCa.State run(Caller host, RotateCa wish) {
        return Succession.require(succession).take(host, wish);
    }
}
