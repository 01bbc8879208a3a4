/**
 * What is done with the audit log once it is written: listing and verifying. Enter at
 * {@link io.lyftdata.chain.ChainResource}; records come from {@code audit}.
 */
package io.lyftdata.chain;
