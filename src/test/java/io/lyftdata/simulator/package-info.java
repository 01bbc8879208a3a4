/** A fleet of workers in one process, which speaks the workers' protocol to a server of its own and measures both. */
package io.lyftdata.simulator;
