/**
 * Who is calling: the header's parser, the caller's address, roles, and the one filter that decides.
 * The verdict on the credential that is present is final; every method is closed unless it is marked open.
 */
package io.lyftdata.auth;
