/**
 * The server's own metrics, in Prometheus' terms. Enter at {@link io.lyftdata.monitoring.Monitor}: features give it
 * facts, and it tells them on {@code /metrics} of both connectors.
 */
package io.lyftdata.monitoring;
