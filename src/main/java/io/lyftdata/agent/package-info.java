/**
 * The worker's own process: join, heartbeat, report, ship. Knows the server through {@code api} and {@code client} only.
 * Enter at {@link io.lyftdata.agent.Agent}.
 */
package io.lyftdata.agent;
