/**
 * What travels between server, worker and command line: JSON records, error codes and the bytes that get signed.
 * Imports nothing of ours; names follow the contract and never change meaning.
 */
package io.lyftdata.api;
