package io.lyftdata.terminal;

import com.sun.jna.Library;
import com.sun.jna.Native;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells systemd how far a unit of {@code Type=notify} is (sd_notify(3)), by its own library, since Java has no datagram
 * sockets with a path. Does nothing in a process that systemd did not start so.
 */
public final class Systemd {
    private static final Logger LOG = LoggerFactory.getLogger(Systemd.class);

    private Systemd() {}

    /** The library's functions, by their names in C. */
    interface Functions extends Library {
        int sd_notify(int unsetEnvironment, String state);
    }

    /** The process does now what it was started for. */
    public static void ready(Map<String, String> environment) {
        tell(environment, "READY=1");
    }

    /** The process is about to end. */
    public static void stopping(Map<String, String> environment) {
        tell(environment, "STOPPING=1");
    }

    /** What {@code systemctl status} is to show of the process; a line break in it is told as a space. */
    public static void status(Map<String, String> environment, String text) {
        tell(environment, "STATUS=" + text.replaceAll("\\p{Cntrl}", " "));
    }

    private static void tell(Map<String, String> environment, String state) {
        if (!environment.containsKey("NOTIFY_SOCKET")) {
            return;
        }
        try {
            int result = Native.load("libsystemd.so.0", Functions.class).sd_notify(0, state);
            if (result < 0) {
                LOG.warn("systemd did not take {}: error {}", state, -result);
            }
        } catch (UnsatisfiedLinkError e) {
            LOG.warn("systemd waits for {} and cannot be told: install libsystemd0", state);
        }
    }
}
