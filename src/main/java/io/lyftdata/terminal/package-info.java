/**
 * What every command stands on: the terminal it prints to, its output's form, the connection it calls by, and how it
 * fails. Enter at {@link io.lyftdata.terminal.Terminal} and {@link io.lyftdata.terminal.Connection}; knows no command
 * and no feature.
 */
package io.lyftdata.terminal;
