package io.lyftdata.host;

import io.lyftdata.api.posture.Severity;
import io.lyftdata.posture.Finding;
import io.lyftdata.posture.PostureCheck;
import io.lyftdata.posture.Rule;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** Whether the server runs as root. */
public final class RootAccountPostureCheck implements PostureCheck {
    private static final Rule RULE = new Rule(
            "root-account",
            Severity.HIGH,
            "The account that the server's process runs as (`/proc/self/status`): user id 0, in force or saved, is a"
                    + " finding.",
            "“Run server and workers as dedicated service accounts with isolated data directories.”",
            "Run the server as an account of its own (`useradd --system --user-group lyftdata-server`):"
                    + " `User=lyftdata-server` in its systemd unit, after `chown -R lyftdata-server:` on the staging"
                    + " directory.");

    private final Host host;
    private final Path staging;

    public RootAccountPostureCheck(Host host, Path staging) {
        this.host = host;
        this.staging = staging;
    }

    @Override
    public Rule rule() {
        return RULE;
    }

    @Override
    public List<Finding> find() throws IOException {
        String ids = host.lines("/proc/self/status").stream()
                .filter(line -> line.startsWith("Uid:"))
                .findFirst()
                .orElseThrow(() -> new IOException("/proc/self/status has no line Uid"));
        boolean isRoot = List.of(ids.substring(4).strip().split("\\s+", -1)).contains("0");
        return isRoot
                ? List.of(new Finding(
                        "server",
                        "the server runs as root, so whoever takes it over has the whole host",
                        "useradd --system --user-group lyftdata-server; with the server stopped, chown -R"
                                + " lyftdata-server: " + Finding.word(staging)
                                + "; then User=lyftdata-server in its systemd unit"))
                : List.of();
    }
}
