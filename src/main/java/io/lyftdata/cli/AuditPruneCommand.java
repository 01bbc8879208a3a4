package io.lyftdata.cli;

import io.lyftdata.api.Times;
import io.lyftdata.api.audit.Checkpoint;
import io.lyftdata.api.audit.Place;
import io.lyftdata.api.audit.Prune;
import io.lyftdata.api.audit.Verification;
import io.lyftdata.client.ApiClient;
import io.lyftdata.terminal.CommandFailure;
import io.lyftdata.terminal.Connection;
import io.lyftdata.terminal.Failures;
import io.lyftdata.terminal.Output;
import io.lyftdata.terminal.Terminal;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Deletes at the server what a file holds. */
@Command(
        name = "prune",
        description = {
            "Deletes old records at the server, once it is verified that an exported file holds them; a signed",
            "checkpoint tells where the log begins from then on. Exit code 3: something is wrong with the file."
        })
final class AuditPruneCommand implements Callable<Integer> {
    private final Terminal terminal;
    private final Connection connection;

    @Mixin
    private Output output;

    @Option(
            names = "--file",
            required = true,
            paramLabel = "FILE",
            description = "what audit export --file wrote, up to where it is to be pruned or further")
    private Path file;

    @Option(
            names = "--before",
            required = true,
            paramLabel = "TIME",
            description = "only records from before this time: RFC 3339, or ago as in 90d")
    private String before;

    /** @param connection whose options stand at the group above */
    AuditPruneCommand(Terminal terminal, Connection connection) {
        this.terminal = terminal;
        this.connection = connection;
    }

    @Override
    public Integer call() {
        Instant end = terminal.time(before);
        ApiClient api = connection.authorized();
        try {
            ExportedChain exported = new ExportedChain(file);
            Verification found = exported.verify(Optional.empty());
            if (found.broken() != null) {
                terminal.warn(file + " is broken at position "
                        + found.broken().position() + " ("
                        + found.broken().fault().wire()
                        + "), so nothing was pruned: export into a new file");
                return Failures.FOUND;
            }
            Optional<Place> last = exported.lastBefore(end);
            if (last.isEmpty()) {
                terminal.out().println("nothing was pruned: " + file + " holds no record from before that time");
                return 0;
            }
            prune(api, last.get());
            return 0;
        } catch (IOException e) {
            throw new CommandFailure(file + " cannot be read: check that it exists and who may read it");
        }
    }

    private void prune(ApiClient api, Place last) {
        Prune wanted = new Prune(last.position(), last.hash());
        Checkpoint begin = api.post(Prune.PATH, wanted, Checkpoint.class);
        while (begin.position() < last.position()) {
            terminal.progress("pruned up to position " + begin.position() + " of " + last.position());
            begin = api.post(Prune.PATH, wanted, Checkpoint.class);
        }
        terminal.endProgress();
        output.text(
                terminal.out(),
                begin,
                "the audit log begins behind position " + begin.position() + ", by the checkpoint of "
                        + Times.format(begin.time()) + "; keep " + file + "\n");
    }
}
