/** Wire records of {@code /api/posture}. */
package io.lyftdata.api.posture;
