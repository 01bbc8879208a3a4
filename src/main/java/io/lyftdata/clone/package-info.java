/** Notices that two processes act as one worker. Enter at {@link Clones}. */
package io.lyftdata.clone;
