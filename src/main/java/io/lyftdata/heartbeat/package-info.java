/** The worker's one regular call: it says that it lives, and learns what is due. */
package io.lyftdata.heartbeat;
