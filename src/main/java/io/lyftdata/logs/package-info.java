/**
 * Workers' logs: durable before they are acknowledged, stored as compressed chunks in one file a day, read as NDJSON
 * in the order of arrival or by time. Enter at {@link io.lyftdata.logs.LogStore}; {@link io.lyftdata.host.Space} and
 * {@link io.lyftdata.logs.LogSweeper} keep the disk.
 */
package io.lyftdata.logs;
