package io.lyftdata.api;

/**
 * The whole answer of {@code GET /api/health}.
 *
 * @param status {@code ready} (200), {@code starting} or {@code draining} (503)
 */
public record Health(String status) {}
