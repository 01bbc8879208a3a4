/**
 * Audit records to a collector: syslog messages (RFC 5424) over TLS (RFC 5425). Enter at
 * {@link io.lyftdata.syslog.SyslogTarget}.
 */
package io.lyftdata.syslog;
