package io.lyftdata.authority;

import io.lyftdata.api.posture.Severity;
import io.lyftdata.posture.Finding;
import io.lyftdata.posture.PostureCheck;
import io.lyftdata.posture.Rule;
import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;

/** How strong the certificates in use are. */
public final class TlsStrengthPostureCheck implements PostureCheck {
    private static final int LEAST_RSA = 3072;
    private static final int LEAST_EC = 256;
    /** The Baseline Requirements' limit until March 2026; what lasts longer is replaced too seldom to be rehearsed. */
    private static final int LONGEST_DAYS = 398;

    private static final Rule RULE = new Rule(
            "tls-strength",
            Severity.MEDIUM,
            "The certificates that the server serves: RSA keys below " + LEAST_RSA + " bits, elliptic curves below "
                    + LEAST_EC + ", signatures over SHA-1 or MD5, and a server certificate that lasts for more than "
                    + LONGEST_DAYS + " days, are findings.",
            "NIST SP 800-57 part 1, table 4: 128 bits of security need RSA of 3072 bits or a curve of 256. CA/Browser"
                    + " Forum Baseline Requirements, 6.3.2. “For production, install a trusted certificate.”",
            "Issue a new key and certificate (`openssl ecparam -name prime256v1 -genkey -noout`), put them into"
                    + " the files of `tls-cert` and `tls-key`, then `lyftdata certificate rotate`; the server's own"
                    + " certificate is P-256 and lasts for 90 days.");

    private final Supplier<List<X509Certificate>> chain;

    /** @param chain that is served now, the server's first */
    public TlsStrengthPostureCheck(Supplier<List<X509Certificate>> chain) {
        this.chain = chain;
    }

    @Override
    public Rule rule() {
        return RULE;
    }

    @Override
    public List<Finding> find() {
        List<Finding> findings = new ArrayList<>();
        List<X509Certificate> certificates = chain.get();
        for (int i = 0; i < certificates.size(); i++) {
            List<String> faults = faults(certificates.get(i), i == 0);
            if (!faults.isEmpty()) {
                findings.add(new Finding(
                        certificates.get(i).getSubjectX500Principal().getName(),
                        "the certificate has " + String.join(", ", faults),
                        "put a new P-256 key and a certificate of at most a year into the files of tls-cert and"
                                + " tls-key, then: lyftdata certificate rotate"));
            }
        }
        return findings;
    }

    private static List<String> faults(X509Certificate certificate, boolean isLeaf) {
        List<String> faults = new ArrayList<>();
        PublicKey key = certificate.getPublicKey();
        if (key instanceof RSAPublicKey rsa && rsa.getModulus().bitLength() < LEAST_RSA) {
            faults.add("an RSA key of " + rsa.getModulus().bitLength() + " bits");
        }
        if (key instanceof ECPublicKey ec
                && ec.getParams().getCurve().getField().getFieldSize() < LEAST_EC) {
            faults.add("a curve of " + ec.getParams().getCurve().getField().getFieldSize() + " bits");
        }
        String signature = certificate.getSigAlgName().toUpperCase(Locale.ROOT);
        if (signature.startsWith("SHA1") || signature.startsWith("MD5")) {
            faults.add("a signature by " + certificate.getSigAlgName());
        }
        long days = Duration.between(
                        certificate.getNotBefore().toInstant(),
                        certificate.getNotAfter().toInstant())
                .toDays();
        if (isLeaf && days > LONGEST_DAYS) {
            faults.add("a life of " + days + " days");
        }
        return faults;
    }
}
