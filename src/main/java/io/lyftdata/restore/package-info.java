/**
 * Back to a backup's state: offline, proven first, all or nothing, and reviving nobody who was shut out since. Enter at
 * {@link io.lyftdata.restore.Restore}.
 */
package io.lyftdata.restore;
