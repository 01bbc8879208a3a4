/**
 * The command line: each class parses, calls and prints for one noun. Enter at {@link io.lyftdata.cli.RootCommand};
 * talks to a running server only through {@code client}.
 */
package io.lyftdata.cli;
