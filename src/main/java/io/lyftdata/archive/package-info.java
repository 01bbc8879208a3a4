/**
 * A backup as a file: a tar archive (POSIX ustar) in an age envelope, a signed manifest first. Enter at
 * {@link io.lyftdata.archive.ArchiveWriter} and {@link io.lyftdata.archive.ArchiveReader}.
 */
package io.lyftdata.archive;
