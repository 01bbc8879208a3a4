package io.lyftdata.certificate;

import io.lyftdata.audit.Action;
import io.lyftdata.audit.Audit;
import io.lyftdata.authority.Authority;
import io.lyftdata.crypto.CertificateChain;
import io.lyftdata.db.Database;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The server's side of TLS.
 *
 * @param certificate that is served
 * @param authority that signed it; empty when it was given
 */
public record Tls(ServerCertificate certificate, Optional<Authority> authority) {
    private static final Logger LOG = LoggerFactory.getLogger(Tls.class);

    /** With a certificate that was given. */
    public static Tls given(GivenMaterial material, Database database, Audit audit, Clock clock) {
        material.notes().forEach(LOG::warn);
        return new Tls(new ServerCertificate(material, database, audit, clock), Optional.empty());
    }

    /**
     * With a certificate of the server's own, made when the directory holds none.
     *
     * @param names that the certificate covers
     */
    public static Tls own(
            Path directory, List<String> names, Authority authority, Database database, Audit audit, Clock clock) {
        audit.notice(Action.AUTHORITY_MADE, Authority.NOTICED, authority.pin());
        OwnMaterial material = new OwnMaterial(directory, names, authority, clock);
        return new Tls(new ServerCertificate(material, database, audit, clock), Optional.of(authority));
    }

    /** What clients pin; empty when the served chain does not end with its root. */
    public Optional<String> pin() {
        return authority.map(Authority::pin).or(() -> certificate.material().pin());
    }

    /** The authorities that clients are to trust, PEM; empty text when others hand them out. */
    public String bundle() {
        return authority
                .map(Authority::bundle)
                .orElseGet(() -> CertificateChain.pem(certificate.material().authorities()));
    }

    /** For workers to follow our own authority; null for others, which are renewed by ways of their own. */
    public String bundleRevision() {
        return authority.map(Authority::revision).orElse(null);
    }
}
