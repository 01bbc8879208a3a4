/** The registry of workers: who belongs to the fleet, by which identity, admitted by what. */
package io.lyftdata.worker;
