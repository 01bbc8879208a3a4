/** The certificate that the server serves, and the connector that serves it. */
package io.lyftdata.certificate;
