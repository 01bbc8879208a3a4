/** The control database, SQLite or PostgreSQL: open, lock, migrate, map. Enter at {@link io.lyftdata.db.Database}. */
package io.lyftdata.db;
