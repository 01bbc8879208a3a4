/** The server's private certification authority. Enter at {@link io.lyftdata.authority.Authority}. */
package io.lyftdata.authority;
