/**
 * What is kept of an incident for those who look into it later: one sealed archive, in {@code incident/}. Enter at
 * {@link io.lyftdata.evidence.Evidence}.
 */
package io.lyftdata.evidence;
