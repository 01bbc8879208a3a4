/**
 * One moment of the control database, from either engine, as a SQLite file. Enter at
 * {@link io.lyftdata.snapshot.ControlCopy}.
 */
package io.lyftdata.snapshot;
