package io.lyftdata.account;

import io.lyftdata.api.posture.Severity;
import io.lyftdata.config.Secret;
import io.lyftdata.crypto.PasswordHash;
import io.lyftdata.db.Database;
import io.lyftdata.posture.Finding;
import io.lyftdata.posture.PostureCheck;
import io.lyftdata.posture.Rule;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Whether the first administrator still has the password that it began with. */
public final class AdminPasswordPostureCheck implements PostureCheck {
    private static final Rule RULE = new Rule(
            "admin-password",
            Severity.HIGH,
            "Whether the file `admin-password` is still in the staging directory, or the user admin still has the"
                    + " password of LYFTDATA_ADMIN_INIT_PASSWORD: both are written down where others may read them.",
            "“Store secrets (admin bootstrap password, worker API keys) in service environment files with tight"
                    + " permissions.” OWASP ASVS 6.3.2 (no default accounts): a first password is for the first log-in.",
            "`lyftdata users set-password admin`, which deletes the file; then take LYFTDATA_ADMIN_INIT_PASSWORD out of"
                    + " the server's environment.");

    private final Database database;
    private final Path file;
    private final Optional<Secret> given;

    /**
     * @param file that holds a random first password until it is changed
     * @param given the first password of the settings
     */
    public AdminPasswordPostureCheck(Database database, Path file, Optional<Secret> given) {
        this.database = database;
        this.file = file;
        this.given = given;
    }

    @Override
    public Rule rule() {
        return RULE;
    }

    @Override
    public List<Finding> find() {
        String remedy = "lyftdata users set-password " + AdminPassword.ADMIN;
        if (Files.exists(file)) {
            return List.of(new Finding(
                    AdminPassword.ADMIN, "the first password is still in " + file + ", and still in force", remedy));
        }
        Optional<String> hash = database.first("SELECT password FROM account WHERE name = ?", AdminPassword.ADMIN);
        boolean isFirst = given.isPresent()
                && hash.filter(some -> PasswordHash.matches(given.get().reveal(), some))
                        .isPresent();
        return isFirst
                ? List.of(new Finding(
                        AdminPassword.ADMIN, "the password is still that of LYFTDATA_ADMIN_INIT_PASSWORD", remedy))
                : List.of();
    }
}
