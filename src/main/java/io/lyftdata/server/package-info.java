/**
 * The composition root: configuration, the ground the server stands on, and all wiring. Enter at
 * {@link io.lyftdata.server.ServerApplication}.
 */
package io.lyftdata.server;
