/**
 * What of this deployment falls short of the hardening page. Each feature brings its own {@link
 * io.lyftdata.posture.PostureCheck}s, {@code server} hands the list, and {@link io.lyftdata.posture.Posture} runs it.
 */
package io.lyftdata.posture;
