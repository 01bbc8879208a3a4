/** The directory with all of the server's state. Enter at {@link io.lyftdata.staging.StagingDirectory}. */
package io.lyftdata.staging;
