/** What operators decide of workers, one or many at once: isolate, release, remove, reset. Enter at {@link Fleet}. */
package io.lyftdata.fleet;
