/**
 * The lockdown: one switch that lets in only what an incident needs. Enter at {@link io.lyftdata.lockdown.Lockdown}; the
 * auth filter asks it, and methods that it lets pass say so themselves ({@code inLockdown}).
 */
package io.lyftdata.lockdown;
