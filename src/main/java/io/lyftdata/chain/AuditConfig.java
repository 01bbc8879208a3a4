package io.lyftdata.chain;

import io.lyftdata.config.HostPort;
import io.lyftdata.syslog.SyslogTarget;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The section {@code audit} of the configuration.
 *
 * @param target the collector that each record is shipped to; null: there is none
 * @param targetCa PEM file of the authorities of its certificate; null: the JVM's trust store
 */
public record AuditConfig(HostPort target, Path targetCa) {
    public AuditConfig {
        if (target != null && target.port() == 0) {
            throw new IllegalArgumentException("target needs a port; 6514 is that of syslog over TLS");
        }
        if (target == null && targetCa != null) {
            throw new IllegalArgumentException("target-ca is there without target, the collector's host:port");
        }
    }

    /** @throws io.lyftdata.config.BadSetting when the authorities' file cannot be used */
    public Optional<SyslogTarget> syslog() {
        return Optional.ofNullable(target)
                .map(address -> SyslogTarget.of(address, Optional.ofNullable(targetCa), SyslogTarget.PATIENCE));
    }
}
