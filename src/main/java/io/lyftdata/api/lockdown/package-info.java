/** The wire records of the lockdown. */
package io.lyftdata.api.lockdown;
