package io.lyftdata.terminal;

import io.lyftdata.api.fleet.Fleet.Affected;
import io.lyftdata.api.fleet.Fleet.Answer;
import io.lyftdata.api.fleet.Fleet.Scope;
import io.lyftdata.config.BadSetting;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Which workers a command is about, one or many, and the question before it is done to many. */
public final class FleetOptions {
    @ArgGroup(multiplicity = "1")
    private Which which;

    @Option(names = "--dry-run", description = "only says which workers it would change something for")
    private boolean isDry;

    @Option(names = "--yes", description = "does not ask: for scripts")
    private boolean isSure;

    /** The ways to mean many at once, of which one is given. */
    public static class Many {
        @Option(
                names = "--label",
                paramLabel = "KEY=VALUE",
                description = "every worker that has this label or ever had it")
        private Map<String, String> label;

        @Option(
                names = "--admitted-by",
                paramLabel = "SECRET-ID",
                converter = PublicId.Converter.class,
                description = "every worker that joined by the enrollment secret or bootstrap key with this public id")
        private PublicId admittedBy;

        @Option(
                names = "--key",
                paramLabel = "KEY-ID",
                converter = PublicId.Converter.class,
                description = "the worker whose key has, or had, this public id")
        private PublicId key;

        /** Holds what is given, and null for the rest. */
        public Scope scope() {
            return new Scope(label, text(admittedBy), text(key));
        }
    }

    /** Exactly one of them. */
    private static final class Which extends Many {
        @Parameters(paramLabel = "WORKER", description = "one worker's id")
        private String worker;
    }

    /** The worker that is named; empty when there is a scope, or a preview is wanted. */
    public Optional<String> worker() {
        if (which.worker != null && isDry) {
            throw new BadSetting("--dry-run goes with --label, --admitted-by or --key");
        }
        return Optional.ofNullable(which.worker);
    }

    public Scope scope() {
        return which.scope();
    }

    private static String text(PublicId id) {
        return id == null ? null : id.text();
    }

    /**
     * Shows whom it would change something for, asks, and does it.
     *
     * @param verb as in {@code isolate}
     * @param call with whether it is a preview
     */
    public void run(Terminal terminal, Output output, String verb, Function<Boolean, Answer> call) {
        Answer preview = call.apply(true);
        int count = preview.workers().size();
        if (isDry || count == 0) {
            output.text(terminal.out(), preview, said(preview, "to " + verb));
            return;
        }
        if (!isSure) {
            terminal.err().print(said(preview, "to " + verb));
            if (!terminal.confirms(verb + " " + count + (count == 1 ? " worker" : " workers") + "? type yes: ")) {
                throw new CommandFailure("nothing was changed: to go on without being asked, add --yes");
            }
        }
        Answer done = call.apply(false);
        output.text(terminal.out(), done, said(done, verb + "d"));
    }

    private static String said(Answer answer, String what) {
        int count = answer.workers().size();
        String rows = count == 0
                ? ""
                : new Table<Affected>()
                        .column("id", Affected::id)
                        .column("state", Affected::state)
                        .column("last request", Affected::lastRequestAt)
                        .rows(answer.workers());
        return rows + count + " " + what + ", of " + answer.matched() + " that match\n" + live(answer.liveSecrets());
    }

    private static String live(Iterable<String> secrets) {
        StringBuilder text = new StringBuilder();
        secrets.forEach(id -> text.append(live(id)).append("\n"));
        return text.toString();
    }

    /** What else is to be done about the way by which it came in. */
    public static String live(String secretId) {
        return "enrollment secret " + secretId + ", by which such a worker joined, is still live: if it leaked too, run"
                + " lyftdata enrollment rotate";
    }
}
