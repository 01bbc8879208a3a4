package io.lyftdata.cli;

import com.fasterxml.jackson.core.type.TypeReference;
import io.lyftdata.api.Page;
import io.lyftdata.api.backup.Backups;
import io.lyftdata.api.backup.Backups.Proof;
import io.lyftdata.api.backup.Backups.Pruned;
import io.lyftdata.api.backup.Backups.Run;
import io.lyftdata.api.backup.Backups.Step;
import io.lyftdata.api.backup.Backups.Verification;
import io.lyftdata.api.backup.Backups.View;
import io.lyftdata.archive.BadBackup;
import io.lyftdata.archive.Envelope;
import io.lyftdata.backup.Drill;
import io.lyftdata.client.ApiClient;
import io.lyftdata.config.PrivateFiles;
import io.lyftdata.restore.Outcome;
import io.lyftdata.restore.Report;
import io.lyftdata.restore.Restore;
import io.lyftdata.server.ServerConfig;
import io.lyftdata.terminal.CommandFailure;
import io.lyftdata.terminal.Connection;
import io.lyftdata.terminal.Failures;
import io.lyftdata.terminal.Output;
import io.lyftdata.terminal.Table;
import io.lyftdata.terminal.Terminal;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(name = "backup", description = "Backups: make, list, verify, restore and prune them.")
final class BackupCommand {
    private static final TypeReference<Page<View>> PAGE = new TypeReference<>() {};
    private static final long POLL_MILLIS = 500;

    private final Terminal terminal;
    private final Connection connection;
    private String last = "";

    private BackupCommand(Terminal terminal, Connection connection) {
        this.terminal = terminal;
        this.connection = connection;
    }

    static CommandLine group(Terminal terminal) {
        Connection connection = new Connection(terminal);
        CommandLine group = new CommandLine(new BackupCommand(terminal, connection));
        group.addMixin("connection", connection);
        return group;
    }

    @Command(
            name = "create",
            description = {
                "Makes a backup at the server while it runs, sealed for the recipients in its configuration,",
                "and copies it to the directories named there."
            })
    void create(
            @Mixin Output output,
            @Option(names = "--telemetry", description = "puts the workers' logs and metrics in, too")
                    boolean telemetry)
            throws InterruptedException {
        ApiClient api = connection.authorized();
        Run run = api.post(telemetry ? Backups.PATH_WITH_TELEMETRY : Backups.PATH, null, Run.class);
        while (run.state().equals("running")) {
            terminal.progress(run.step() + ": " + run.done() * 100 / Math.max(1, run.total()) + " %");
            TimeUnit.MILLISECONDS.sleep(POLL_MILLIS);
            run = api.get(Backups.RUN_PATH, Map.of(), Run.class);
        }
        terminal.endProgress();
        if (run.backup() != null) {
            output.one(terminal.out(), run.backup(), table());
        }
        if (run.failure() != null) {
            throw new CommandFailure(run.failure());
        }
    }

    @Command(name = "list", description = "Lists the server's backups, newest first, and when each was last proven.")
    void list(@Mixin Output output) {
        Page<View> all = connection.authorized().get(Backups.PATH, Map.of(), PAGE);
        output.list(terminal.out(), all.items(), table());
    }

    @Command(
            name = "prune",
            description = {
                "Deletes the backups that the retention does not keep, in the server's directory and in the copies;",
                "the newest and the last proven one stay."
            })
    void prune(@Mixin Output output) {
        Pruned pruned = connection.authorized().post(Backups.PRUNE_PATH, null, Pruned.class);
        String names = String.join("\n", pruned.removed());
        output.text(terminal.out(), pruned, names.isEmpty() ? "nothing to prune\n" : names + "\n");
    }

    @Command(
            name = "verify",
            description = {
                "Looks at a backup where no server is needed. With --identity as a restore would, without it at what",
                "can be seen from outside. Exit code 3: something is wrong."
            })
    int verify(
            @Mixin Output output,
            @Parameters(paramLabel = "FILE", description = "the backup") Path file,
            @Mixin Sealed sealed,
            @Option(
                            names = "--scratch-dir",
                            paramLabel = "DIR",
                            description =
                                    "where it is unpacked for the while (default: the system's temporary directory)")
                    Path scratch,
            @Option(names = "--record", description = "tells the server that it is proven") boolean record)
            throws IOException {
        if (!Files.isRegularFile(file)) {
            throw new CommandFailure(file + " does not exist or is no file");
        }
        Drill drill = new Drill(file, sealed::believes, this::progress);
        Optional<String> identity = sealed.identity(terminal);
        Path parent = scratch == null ? Path.of(System.getProperty("java.io.tmpdir")) : scratch;
        Verification found = identity.isEmpty()
                ? drill.outside()
                : Drill.in(parent, directory -> drill.inside(Envelope.identities(identity.get()), directory));
        terminal.endProgress();
        output.text(terminal.out(), found, steps().rows(found.steps()) + verdict(found) + "\n");
        if (record && found.proven()) {
            connection.authorized().post(Backups.PROOF_PATH, new Proof(found.sha256()), Void.class);
        }
        return found.whole() ? 0 : Failures.FOUND;
    }

    private static String verdict(Verification found) {
        if (!found.whole()) {
            return "NOT WHOLE: do not rely on this file";
        }
        return found.proven()
                ? "proven: a restore would succeed"
                : "as far as can be seen from outside; --identity FILE proves it, on any host that has this program";
    }

    private static Table<Step> steps() {
        return new Table<Step>()
                .column("step", Step::what)
                .column("whole", Step::whole)
                .column("found", Step::found);
    }

    @Command(
            name = "restore",
            description = {
                "Puts a backup's state in the place of a stopped server's, after proving it and showing what would",
                "change. Whoever was shut out since stays out. The old state is put aside."
            })
    void restore(
            @Parameters(paramLabel = "FILE", description = "the backup") Path file,
            @Option(
                            names = "--staging-dir",
                            required = true,
                            paramLabel = "DIR",
                            description = "the server's directory")
                    Path staging,
            @Mixin Sealed sealed,
            @Option(names = "--foreign", description = "takes another installation's backup, in the place of this one")
                    boolean foreign,
            @Option(names = "--config", paramLabel = "CONFIG", description = "the server's, when it names the database")
                    Path config,
            @Option(names = "--yes", description = "does not ask") boolean yes)
            throws IOException {
        Restore.Request request = request(file, staging, sealed, foreign, config);
        try (Restore restore = Restore.prepare(request, terminal.environment(), terminal.clock(), this::progress)) {
            terminal.endProgress();
            terminal.out().print(Report.before(restore));
            terminal.out().flush();
            if (!yes && !terminal.confirms("put this in place? type yes: ")) {
                throw new CommandFailure("nothing was changed");
            }
            Outcome outcome = restore.apply();
            terminal.endProgress();
            terminal.out().print(Report.after(restore, outcome));
            terminal.out().flush();
        } catch (BadBackup e) {
            throw new CommandFailure(file + " cannot be restored, and nothing was changed: " + e.getMessage());
        }
    }

    private Restore.Request request(Path file, Path staging, Sealed sealed, boolean foreign, Path config) {
        String identity = sealed.identity(terminal)
                .orElseThrow(() -> new CommandFailure("give --identity FILE: the age key that opens the backup"));
        ServerConfig server = ServerCommand.read(config, Map.of(), terminal).settings();
        return new Restore.Request(
                file,
                Envelope.identities(identity),
                Optional.ofNullable(sealed.signer()),
                foreign,
                staging,
                Optional.ofNullable(server.databaseUrl()));
    }

    private void progress(String step, long done, long total) {
        String state = step + (total > 1 ? ": " + done * 100 / total + " %" : "");
        if (!state.equals(last)) {
            last = state;
            terminal.progress(state);
        }
    }

    /** By what a backup is opened and believed. */
    static final class Sealed {
        @Option(
                names = "--identity",
                paramLabel = "FILE",
                description = "the file that age-keygen wrote, with the private key of one of the recipients")
        private Path identity;

        @Option(
                names = "--signer",
                paramLabel = "FINGERPRINT",
                description = "sha256:HEX of the signing key, as the server logged it at its first start")
        private String signer;

        String signer() {
            return signer;
        }

        boolean believes(String fingerprint) {
            return signer == null || signer.equals(fingerprint);
        }

        Optional<String> identity(Terminal terminal) {
            return Optional.ofNullable(identity)
                    .map(path -> PrivateFiles.readSecret(path, terminal.environment(), "--identity"));
        }
    }

    private static Table<View> table() {
        return new Table<View>()
                .column("name", View::name)
                .column("size", View::size)
                .column("created", View::createdAt)
                .column("workers", view -> count(view, "workers"))
                .column("users", view -> count(view, "users"))
                .column("audit position", View::auditPosition)
                .column("proven", View::provenAt)
                .column("copies", View::copies)
                .column("lacks", View::lacks);
    }

    private static Long count(View view, String noun) {
        return view.counts() == null ? null : view.counts().get(noun);
    }
}
