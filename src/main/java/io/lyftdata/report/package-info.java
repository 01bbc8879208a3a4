/**
 * The report of an incident, for those who were not there, signed. Enter at {@link io.lyftdata.report.Reports}.
 */
package io.lyftdata.report;
