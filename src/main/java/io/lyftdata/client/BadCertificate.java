package io.lyftdata.client;

import java.security.cert.CertificateException;

/** The server's certificate did not pass; the message is a sentence for people. */
final class BadCertificate extends CertificateException {
    private static final long serialVersionUID = 1L;

    BadCertificate(String sentence) {
        super(sentence);
    }
}
