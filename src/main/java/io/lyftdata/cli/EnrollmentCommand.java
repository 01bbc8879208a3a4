package io.lyftdata.cli;

import io.lyftdata.api.AutoEnrollment.Change;
import io.lyftdata.api.AutoEnrollment.Former;
import io.lyftdata.api.AutoEnrollment.Terms;
import io.lyftdata.api.AutoEnrollment.View;
import io.lyftdata.api.Times;
import io.lyftdata.client.ApiClient;
import io.lyftdata.terminal.CommandFailure;
import io.lyftdata.terminal.Connection;
import io.lyftdata.terminal.Output;
import io.lyftdata.terminal.StartLine;
import io.lyftdata.terminal.Table;
import io.lyftdata.terminal.Terminal;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(name = "enrollment", description = "The shared secret by which new workers join by themselves.")
final class EnrollmentCommand {
    private static final String PATH = "/api/workers/auto-enrollment";

    private final Terminal terminal;

    @Mixin
    private final Connection connection;

    EnrollmentCommand(Terminal terminal) {
        this.terminal = terminal;
        this.connection = new Connection(terminal);
    }

    @Command(
            name = "show",
            description = "Shows whether workers may join, and the line that starts one; not the secret.")
    void show(@Mixin Output output) {
        ApiClient api = connection.authorized();
        View view = api.get(PATH, Map.of(), View.class);
        output.text(terminal.out(), view, output.isJson() ? "" : facts(view) + (view.enabled() ? start(api) : ""));
    }

    @Command(name = "enable", description = "Lets workers join by a new secret, and prints it, once.")
    void enable(@Mixin Output output, @Mixin TermOptions terms) {
        ApiClient api = connection.authorized();
        if (api.get(PATH, Map.of(), View.class).enabled()) {
            throw new CommandFailure("auto-enrollment is already on: for a new secret in place of the present one, run"
                    + " lyftdata enrollment rotate");
        }
        printNew(api, output, new Change(true, null, null, terms.terms()));
    }

    @Command(
            name = "rotate",
            description =
                    "Replaces the secret and prints the new one, once; workers that joined stay, the old is refused."
                            + " The former secret's terms go on unless others are given.")
    void rotate(
            @Mixin Output output,
            @Mixin TermOptions terms,
            @Option(
                            names = "--overlap",
                            paramLabel = "TIME",
                            description = "for how long the former secret is accepted too (default: not at all)")
                    Duration overlap) {
        ApiClient api = connection.authorized();
        if (!api.get(PATH, Map.of(), View.class).enabled()) {
            throw new CommandFailure(
                    "auto-enrollment is off, so there is no secret to replace: run lyftdata enrollment" + " enable");
        }
        Long seconds = overlap == null ? null : Long.valueOf(overlap.toSeconds());
        printNew(api, output, new Change(true, null, seconds, terms.terms()));
    }

    @Command(name = "disable", description = "Lets no more workers join; the secret is never accepted again.")
    void disable(@Mixin Output output) {
        View view = connection.authorized().post(PATH, new Change(false, null), View.class);
        output.text(terminal.out(), view, "auto-enrollment is off; workers that joined stay\n");
    }

    private void printNew(ApiClient api, Output output, Change wish) {
        View view = api.post(PATH, wish, View.class);
        output.text(
                terminal.out(),
                view,
                output.isJson()
                        ? ""
                        : "Enrollment secret " + view.secretId() + ", shown this once:\n\n" + view.enrollmentSecret()
                                + "\n" + start(api));
    }

    private static String start(ApiClient api) {
        return "\nOn a new worker's host, put the secret into a file that only the worker's account can read (here"
                + " enrollment.key, mode 0600), and start:\n\n" + StartLine.ofEnrollment(api) + "\n";
    }

    private static String former(View view) {
        Former former = view.former();
        return former == null
                ? null
                : former.secretId() + ", accepted until " + Times.format(former.until()) + ", last used by "
                        + (former.lastUsedBy() == null ? "nobody" : former.lastUsedBy());
    }

    private static String facts(View view) {
        return new Table<View>()
                .column("enabled", View::enabled)
                .column("secret id", View::secretId)
                .column("created", View::createdAt)
                .column("created by", View::createdBy)
                .column("admitted", View::admitted)
                .column("last used", View::lastUsedAt)
                .column("last used by", View::lastUsedBy)
                .column("expires", View::expiresAt)
                .column("limit", View::limit)
                .column("sources", View::sources)
                .column("labels", View::labels)
                .column("former secret", EnrollmentCommand::former)
                .facts(view);
    }

    /** Who may join by an enrollment secret, how often and until when. */
    static final class TermOptions {
        @Option(
                names = "--expires",
                paramLabel = "TIME",
                description = "after which it is switched off, as in 2h or 30d (0s: never)")
        private Duration expires;

        @Option(
                names = "--limit",
                paramLabel = "N",
                description = "after how many workers it is switched off (0: any number)")
        private Long limit;

        @Option(
                names = "--source",
                paramLabel = "ADDRESS",
                split = ",",
                description = "address or network that workers join from (repeatable)")
        private List<String> sources;

        @Option(
                names = "--label",
                paramLabel = "KEY=VALUE",
                description = "a label that a worker must have to join (repeatable)")
        private Map<String, String> labels;

        /** What is not given is left out. */
        Terms terms() {
            return new Terms(expires == null ? null : Long.valueOf(expires.toSeconds()), limit, sources, labels);
        }
    }
}
