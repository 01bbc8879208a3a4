package io.lyftdata.crypto;

import inet.ipaddr.IPAddress;
import inet.ipaddr.IPAddressString;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.List;
import java.util.Locale;

/**
 * The names and addresses that a certificate is for (subjectAltName, RFC 5280); a leading {@code *.} covers one label
 * (RFC 9525).
 */
public record CoveredNames(List<String> all) {
    private static final int DNS = 2;
    private static final int ADDRESS = 7;

    /** None when it has no subjectAltName, or one that cannot be read. */
    public static CoveredNames of(X509Certificate certificate) {
        try {
            Collection<List<?>> found = certificate.getSubjectAlternativeNames();
            return new CoveredNames(
                    found == null
                            ? List.of()
                            : found.stream()
                                    .filter(name -> name.get(0).equals(DNS)
                                            || name.get(0).equals(ADDRESS))
                                    .map(name -> canonical(String.valueOf(name.get(1))))
                                    .filter(name -> name.matches("[!-~]+"))
                                    .toList());
        } catch (CertificateParsingException e) {
            return new CoveredNames(List.of());
        }
    }

    /** Whether a client that calls the name takes the certificate. */
    public boolean cover(String name) {
        String wanted = canonical(name);
        int dot = wanted.indexOf('.');
        boolean isName = new IPAddressString(wanted).getAddress() == null;
        return all.contains(wanted) || (isName && dot > 0 && all.contains("*" + wanted.substring(dot)));
    }

    /** Addresses have many spellings; names have one. */
    private static String canonical(String name) {
        IPAddress address = new IPAddressString(name).getAddress();
        return address == null ? name.toLowerCase(Locale.ROOT) : address.toCanonicalString();
    }
}
