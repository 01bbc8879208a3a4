package io.lyftdata.server;

import io.lyftdata.account.AdminPasswordPostureCheck;
import io.lyftdata.config.Loaded;
import io.lyftdata.host.FileModesPostureCheck;
import io.lyftdata.host.Host;
import io.lyftdata.host.RootAccountPostureCheck;
import io.lyftdata.posture.PostureCheck;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Every check of the posture, in the order of the report. */
final class PostureChecks {
    private PostureChecks() {}

    static List<PostureCheck> of(Ground ground, Loaded<ServerConfig> loaded, LiveSettings live, Host host) {
        ServerConfig config = loaded.settings();
        Path staging = ground.staging().path("");
        return List.of(
                new RootAccountPostureCheck(host),
                new FileModesPostureCheck(staging),
                new AdminPasswordPostureCheck(
                        ground.database(),
                        ground.staging().path("admin-password"),
                        Optional.ofNullable(config.adminInitPassword())));
    }
}
