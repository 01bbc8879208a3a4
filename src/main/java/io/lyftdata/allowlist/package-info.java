/** Addresses of collectors that may read metrics and logs without a token. Enter at {@link io.lyftdata.allowlist.Allowlist}. */
package io.lyftdata.allowlist;
