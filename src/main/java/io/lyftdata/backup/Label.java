package io.lyftdata.backup;

import io.lyftdata.archive.Manifest;
import java.util.List;

/**
 * What lies beside a backup, signed, so that it can be recognised and checked without an identity that opens it.
 *
 * @param purpose always {@link #PURPOSE}
 * @param name of the file
 * @param sha256 of the whole file
 * @param recipients who can open it
 */
record Label(String purpose, String name, long size, String sha256, List<String> recipients, Manifest manifest) {
    static final String PURPOSE = "lyftdata-backup-label-v1";
    static final String SUFFIX = ".manifest";
}
