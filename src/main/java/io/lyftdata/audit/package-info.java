/**
 * The audit log: one record per change, in the change's own transaction, each holding the hash of the one before. Enter
 * at {@link io.lyftdata.audit.Audit}.
 */
package io.lyftdata.audit;
