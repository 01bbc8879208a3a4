/** The incident checklist as it travels: what is opened, run, skipped and closed, and what came of it. */
package io.lyftdata.api.incident;
