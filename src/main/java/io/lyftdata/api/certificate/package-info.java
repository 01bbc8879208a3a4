/** What travels about the server's certificate and its authority. */
package io.lyftdata.api.certificate;
