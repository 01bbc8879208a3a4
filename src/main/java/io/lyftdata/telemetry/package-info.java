/**
 * What a worker says of its host and of itself: metrics and log lines; enter at {@link io.lyftdata.telemetry.Telemetry}.
 */
package io.lyftdata.telemetry;
