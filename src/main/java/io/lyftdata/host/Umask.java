package io.lyftdata.host;

import com.sun.jna.Library;
import com.sun.jna.Native;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Takes group's and world's rights from every file that this process makes, those of libraries included. */
public final class Umask {
    private static final Logger LOG = LoggerFactory.getLogger(Umask.class);
    private static final int OWNER_ONLY = 0077;

    private Umask() {}

    interface C extends Library {
        int umask(int mask);
    }

    /** From now on; where it cannot be done, the log says so. */
    public static void ownerOnly() {
        try {
            Native.load("c", C.class).umask(OWNER_ONLY);
        } catch (UnsatisfiedLinkError e) {
            LOG.warn("the umask could not be set on this platform; the staging directory itself stays private");
        }
    }
}
