/**
 * Workers' metrics: parsed strictly once, the newest snapshot of each worker kept, the fleet's exposition assembled by
 * copying bytes. Enter at {@link io.lyftdata.metrics.WorkerMetrics}.
 */
package io.lyftdata.metrics;
