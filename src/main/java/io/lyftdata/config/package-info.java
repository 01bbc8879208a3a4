/** Settings: where they come from, which wins, and {@link io.lyftdata.config.Secret}, which cannot be printed. */
package io.lyftdata.config;
