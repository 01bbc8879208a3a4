/** The machine and the process that the server runs in. Enter at {@link io.lyftdata.host.Host}. */
package io.lyftdata.host;
