/** Wire records of backups. */
package io.lyftdata.api.backup;
