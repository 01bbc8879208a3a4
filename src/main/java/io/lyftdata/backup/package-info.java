/**
 * Backups: made while the server runs, sealed for others, copied, proven and pruned. Enter at
 * {@link io.lyftdata.backup.Backups}.
 */
package io.lyftdata.backup;
