package io.lyftdata.restore;

import io.lyftdata.api.Settings.Change;
import io.lyftdata.api.Settings.Value;
import io.lyftdata.archive.Manifest;
import io.lyftdata.restore.Difference.Part;
import java.util.List;

/** What a restore would do and has done, for people. */
public final class Report {
    private static final int MOST_NAMES = 20;

    private Report() {}

    /** What is in the backup, and how that differs from what is there. */
    public static String before(Restore restore) {
        Manifest manifest = restore.manifest();
        Difference difference = restore.difference();
        StringBuilder text = new StringBuilder();
        line(
                text,
                "backup of " + manifest.createdAt() + " by version " + manifest.product() + ", from "
                        + manifest.engine());
        line(text, "installation " + manifest.installation() + ", signed by " + restore.signer());
        if (!manifest.lacks().isEmpty()) {
            line(text, "it lacks " + names(manifest.lacks()) + ", which could not be read when it was made");
        }
        part(text, "workers", difference.workers());
        part(text, "keys", difference.keys());
        part(text, "users", difference.users());
        if (!difference.settings().isEmpty()) {
            line(text, "settings that were others then; what counts is your configuration:");
            for (Change change : difference.settings()) {
                line(text, "  " + change.key() + ": now " + value(change.before()) + ", then " + value(change.after()));
            }
        }
        return text.toString();
    }

    private static Object value(Value value) {
        return value == null ? "-" : value.value();
    }

    private static void part(StringBuilder text, String noun, Part part) {
        line(text, noun + ": " + part.now() + " now, " + part.then() + " in the backup");
        if (!part.going().isEmpty()) {
            line(text, "  not in the backup: " + names(part.going()));
        }
        if (!part.coming().isEmpty()) {
            line(text, "  only in the backup: " + names(part.coming()));
        }
    }

    private static String names(List<String> names) {
        String first = String.join(", ", names.subList(0, Math.min(MOST_NAMES, names.size())));
        return names.size() > MOST_NAMES ? first + " and " + (names.size() - MOST_NAMES) + " more" : first;
    }

    /** What was done, and what will happen next. */
    public static String after(Restore restore, Outcome outcome) {
        StringBuilder text = new StringBuilder();
        line(
                text,
                "restored; the old state is in " + outcome.aside() + ": delete it once all is well, for it holds"
                        + " secrets");
        line(text, "Next, when the server is started:");
        line(
                text,
                "- every worker's key is refused until the worker renews it by its identity, which it does by"
                        + " itself; a bootstrap key that was not used needs: lyftdata api-keys issue WORKER");
        line(text, "- all sessions have ended, and enrollment is off: lyftdata enrollment enable");
        line(text, ledger(outcome));
        for (String worker : restore.difference().workers().going()) {
            if (!outcome.shutOut().contains(worker)) {
                line(
                        text,
                        "- worker " + worker + " is not in the backup; to admit it again: lyftdata workers add "
                                + worker
                                + identity(restore.difference().identities().get(worker)));
            }
        }
        line(text, "- " + tls(outcome.tls()));
        if (outcome.telemetry().all() > 0) {
            line(
                    text,
                    "- of the backup's " + outcome.telemetry().all() + " files of logs and metrics "
                            + outcome.telemetry().taken() + " are in place; of the others this host has as much or"
                            + " more, which stays");
        }
        line(
                text,
                outcome.isLogKept()
                        ? "- the audit log goes on with a record RESTORED"
                        : "- the audit log goes on in a new segment behind the backup's; a worker that has seen more of"
                                + " the old one raises audit_lost");
        return text.toString();
    }

    private static String identity(String identity) {
        return identity == null ? "" : " --identity " + identity;
    }

    private static String ledger(Outcome outcome) {
        return outcome.isLedgerKept()
                ? "- what was revoked, removed, isolated or switched off since the backup stays so; out stay: "
                        + (outcome.shutOut().isEmpty() ? "nobody" : names(outcome.shutOut()))
                : "- without this installation's ledger nobody knows what was revoked since the backup: all API tokens"
                        + " are revoked, and no password counts. Start once with --reset-admin-password and"
                        + " LYFTDATA_ADMIN_INIT_PASSWORD, then isolate again whom you must";
    }

    private static String tls(String tls) {
        return switch (tls) {
            case "kept" -> "this host's certificates stay";
            case "restored" -> "the backup's certificate authority is in place, so clients' pins hold";
            default ->
                "the backup's certificate authority was retired since, so a new one is made: clients need its pin";
        };
    }

    private static void line(StringBuilder text, String line) {
        text.append(line).append('\n');
    }
}
