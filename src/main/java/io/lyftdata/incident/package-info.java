/**
 * The incident checklist as one run that can be resumed: each step is on disk before it begins and after it has ended,
 * in {@code incident/} of the staging directory, which no restore touches. Enter at {@link Incidents}.
 */
package io.lyftdata.incident;
