package io.lyftdata.cli;

import com.fasterxml.jackson.core.type.TypeReference;
import io.lyftdata.api.Page;
import io.lyftdata.api.fleet.Fleet;
import io.lyftdata.api.incident.Incidents;
import io.lyftdata.api.incident.Incidents.Close;
import io.lyftdata.api.incident.Incidents.Open;
import io.lyftdata.api.incident.Incidents.Ran;
import io.lyftdata.api.incident.Incidents.Scope;
import io.lyftdata.api.incident.Incidents.Skip;
import io.lyftdata.api.incident.Incidents.Step;
import io.lyftdata.api.incident.Incidents.View;
import io.lyftdata.client.ApiClient;
import io.lyftdata.terminal.CommandFailure;
import io.lyftdata.terminal.Connection;
import io.lyftdata.terminal.FleetOptions;
import io.lyftdata.terminal.IncidentRun;
import io.lyftdata.terminal.Output;
import io.lyftdata.terminal.Pages;
import io.lyftdata.terminal.Table;
import io.lyftdata.terminal.Terminal;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import picocli.CommandLine;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "incident",
        description = "When something has happened: the checklist, run step by step, and who gets in meanwhile.")
final class IncidentCommand {
    private static final TypeReference<Page<View>> PAGE = new TypeReference<>() {};

    private final Terminal terminal;
    private final Connection connection;

    private IncidentCommand(Terminal terminal, Connection connection) {
        this.terminal = terminal;
        this.connection = connection;
    }

    static CommandLine group(Terminal terminal) {
        Connection connection = new Connection(terminal);
        CommandLine group = new CommandLine(new IncidentCommand(terminal, connection));
        group.addMixin("connection", connection);
        return group.addSubcommand(new LockdownCommand(terminal, connection))
                .addSubcommand(new ReportCommand(terminal, connection));
    }

    @Command(name = "open", description = "Opens an incident and prints its plan; nothing is done before it is run.")
    void open(
            @Mixin Output output,
            @Mixin Impact impact,
            @Option(names = "--reason", required = true, paramLabel = "TEXT", description = "why, for the report")
                    String reason,
            @Option(
                            names = "--since",
                            paramLabel = "TIME",
                            description = "when it may have begun, as in 2d: a backup from before it is offered")
                    String since,
            @Option(
                            names = "--enrollment",
                            paramLabel = "disable|rotate",
                            description = "what becomes of the shared enrollment secret (default: disable)")
                    String enrollment,
            @Option(
                            names = "--ca",
                            description =
                                    "the authority's key may have leaked: it is replaced, not only the certificate")
                    boolean ca,
            @Option(names = "--dry-run", description = "only prints the plan") boolean isDry) {
        Open wish = new Open(
                reason,
                impact.scope(),
                since == null ? null : terminal.time(since),
                enrollment,
                ca ? true : null,
                isDry ? true : null);
        View view = connection.authorized().post(Incidents.PATH, wish, View.class);
        String next = isDry ? "" : "\nto go on: lyftdata incident run\n";
        output.text(terminal.out(), view, output.isJson() ? "" : text(view) + next);
    }

    @Command(
            name = "run",
            description = {
                "Does what is left of an incident, step by step; what is done or skipped is not done again, so it may be",
                "interrupted and run again. Exit code 1: a step failed or waits for something."
            })
    void run(
            @Mixin Output output,
            @Parameters(paramLabel = "ID", arity = "0..1", description = "the incident (default: the open one)")
                    String id,
            @Option(names = "--step", paramLabel = "STEP", description = "only this one") String step,
            @Option(
                            names = "--wait",
                            paramLabel = "TIME",
                            defaultValue = "2m",
                            description = "how long workers are waited for (default: ${DEFAULT-VALUE})")
                    Duration patience,
            @Option(names = "--dry-run", description = "only says what would be done") boolean isDry) {
        ApiClient api = connection.authorized();
        String path = path(id == null ? onlyOpen(api) : id);
        AtomicReference<String> secret = new AtomicReference<>();
        IncidentRun run = new IncidentRun(terminal, api, path, step, told -> {
            secret.set(told);
            terminal.out().print(output.isJson() ? "" : "new enrollment secret, shown this once: " + told + "\n");
            terminal.out().flush();
        });
        View view = api.get(path, Map.of(), View.class);
        if (!isDry) {
            view = run.of(view, patience);
        }
        output.text(terminal.out(), new Ran(view, secret.get()), output.isJson() ? "" : text(view));
        List<Step> left = run.left(view);
        if (!isDry && !left.isEmpty()) {
            throw new CommandFailure(left.stream().map(Step::name).collect(Collectors.joining(", "))
                    + " left: mend what is said there and run it again, or lyftdata incident skip");
        }
    }

    @Command(
            name = "status",
            description = "Shows what is done and what is left: of one incident, of the open one, or a list of all.")
    void status(
            @Mixin Output output,
            @Parameters(paramLabel = "ID", arity = "0..1", description = "the incident (default: the open one)")
                    String id) {
        ApiClient api = connection.authorized();
        List<View> all = id == null ? all(api) : List.of();
        List<View> open =
                all.stream().filter(view -> view.state().equals("open")).toList();
        if (id == null && open.size() != 1) {
            output.list(terminal.out(), all, summary());
        } else {
            View view = api.get(path(id == null ? open.get(0).id() : id), Map.of(), View.class);
            output.text(terminal.out(), view, output.isJson() ? "" : text(view));
        }
    }

    @Command(name = "skip", description = "Leaves steps out of an incident, for a reason.")
    void skip(
            @Mixin Output output,
            @Parameters(paramLabel = "STEP", arity = "1..*", description = "the steps") List<String> steps,
            @Option(names = "--incident", paramLabel = "ID", description = "the incident (default: the open one)")
                    String id,
            @Option(names = "--reason", required = true, paramLabel = "TEXT", description = "why, for the report")
                    String reason) {
        ApiClient api = connection.authorized();
        String path = path(id == null ? onlyOpen(api) : id);
        View view = null;
        for (String step : steps) {
            view = api.post(path + "/skip", new Skip(step, reason), View.class);
        }
        output.text(terminal.out(), view, output.isJson() ? "" : text(view));
    }

    @Command(name = "close", description = "Closes an incident of which no step is left, with what was found.")
    void close(
            @Mixin Output output,
            @Parameters(paramLabel = "ID", arity = "0..1", description = "the incident (default: the open one)")
                    String id,
            @Option(
                            names = "--note",
                            required = true,
                            paramLabel = "TEXT",
                            description = "cause and scope as found, for the report")
                    String note) {
        ApiClient api = connection.authorized();
        View view = api.post(path(id == null ? onlyOpen(api) : id) + "/close", new Close(note), View.class);
        output.text(terminal.out(), view, output.isJson() ? "" : text(view));
    }

    private static String path(String id) {
        return Incidents.PATH + "/" + ApiClient.segment(id);
    }

    private static List<View> all(ApiClient api) {
        return Pages.all(api, Incidents.PATH, PAGE);
    }

    private static String onlyOpen(ApiClient api) {
        List<View> open =
                all(api).stream().filter(view -> view.state().equals("open")).toList();
        if (open.size() != 1) {
            throw new CommandFailure(
                    open.isEmpty()
                            ? "no incident is open: lyftdata incident open"
                            : "more than one incident is open: name one that lyftdata incident status lists");
        }
        return open.get(0).id();
    }

    private static Table<View> summary() {
        return new Table<View>()
                .column("id", View::id)
                .column("state", View::state)
                .column("opened", View::openedAt)
                .column("by", View::openedBy)
                .column("workers", View::workers)
                .column("reason", View::reason);
    }

    private static String text(View view) {
        return new Table<View>()
                        .column("incident", View::id)
                        .column("state", View::state)
                        .column("reason", View::reason)
                        .column("workers", View::workers)
                        .column("since", View::since)
                        .column("opened", View::openedAt)
                        .column("by", View::openedBy)
                        .column("closed", View::closedAt)
                        .column("note", View::note)
                        .facts(view)
                + "\n"
                + new Table<Step>()
                        .column("step", Step::name)
                        .column("state", Step::state)
                        .column("begun", Step::begunAt)
                        .column("took", step -> step.effectMillis() == null ? null : step.effectMillis() + " ms")
                        .column("what", Step::said)
                        .rows(view.steps());
    }

    /** Which workers it is about; one way to say it must be chosen, so that none is meant by accident. */
    static final class Impact {
        @ArgGroup(multiplicity = "1")
        private Which which;

        /** Exactly one of them. */
        private static final class Which extends FleetOptions.Many {
            @Option(names = "--worker", paramLabel = "WORKER", description = "this worker (repeatable)")
            private List<String> workers;

            @Option(names = "--all", description = "every worker: all of them will be shut out")
            private boolean all;

            @Option(
                    names = "--no-workers",
                    description = "no worker is impacted: it is about accounts, secrets or the server itself")
            private boolean none;
        }

        Scope scope() {
            Fleet.Scope many = which.scope();
            return new Scope(
                    which.workers,
                    many.label(),
                    many.admittedBy(),
                    many.key(),
                    which.all ? true : null,
                    which.none ? true : null);
        }
    }
}
