package io.lyftdata.api.audit;

import io.lyftdata.api.AuditHead;

/**
 * A record of the chain under the server's signature, and by whose key.
 *
 * @param publicKey SubjectPublicKeyInfo (RFC 8410) in base64
 */
public record SignedHead(AuditHead head, String publicKey) {}
