/** The HTTP client of our own API, for the worker and the CLI. Enter at {@link io.lyftdata.client.ApiClient}. */
package io.lyftdata.client;
