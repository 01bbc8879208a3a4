/**
 * The effective configuration, its numbered revisions, and its change at run time. Enter at
 * {@link io.lyftdata.settings.Settings}.
 */
package io.lyftdata.settings;
