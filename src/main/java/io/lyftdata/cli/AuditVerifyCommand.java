package io.lyftdata.cli;

import io.lyftdata.api.Times;
import io.lyftdata.api.audit.Checkpoint;
import io.lyftdata.api.audit.Verification;
import io.lyftdata.api.audit.Verification.Broken;
import io.lyftdata.client.ApiClient;
import io.lyftdata.config.BadSetting;
import io.lyftdata.terminal.CommandFailure;
import io.lyftdata.terminal.Connection;
import io.lyftdata.terminal.Failures;
import io.lyftdata.terminal.Output;
import io.lyftdata.terminal.Terminal;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "verify",
        description = {
            "Computes every record's hash anew and follows the chain: the server's, or with --file an export's,",
            "for which no server is needed. Exit code 3: something is wrong."
        })
final class AuditVerifyCommand implements Callable<Integer> {
    private static final String PATH = "/api/audit/verification";

    private final Terminal terminal;
    private final Connection connection;

    @Mixin
    private Output output;

    @Option(names = "--file", paramLabel = "FILE", description = "an export of the log, instead of the server's")
    private Path file;

    @Option(
            names = "--signer",
            paramLabel = "FINGERPRINT",
            description = "sha256:HEX of the signing key, as the server logged it at its first start; FILE.head must be"
                    + " signed by it")
    private String signer;

    /** @param connection whose options stand at the group above */
    AuditVerifyCommand(Terminal terminal, Connection connection) {
        this.terminal = terminal;
        this.connection = connection;
    }

    @Override
    public Integer call() {
        if (signer != null && file == null) {
            throw new BadSetting("--signer goes with --file: the server verifies its own signatures");
        }
        Verification found = file == null ? ofServer(connection.authorized()) : ofFile();
        output.text(terminal.out(), found, sentence(found) + "\n");
        return found.broken() == null ? 0 : Failures.FOUND;
    }

    private Verification ofServer(ApiClient api) {
        Verification found = api.get(PATH, Map.of(), Verification.class);
        while (found.next() != null) {
            terminal.progress("verified up to position " + found.last() + " of " + found.end());
            found = api.get(PATH, Map.of("cursor", found.next()), Verification.class)
                    .behind(found);
        }
        terminal.endProgress();
        return found;
    }

    private Verification ofFile() {
        try {
            return new ExportedChain(file).verify(Optional.ofNullable(signer));
        } catch (IOException e) {
            throw new CommandFailure(file + " cannot be read: check that it exists and who may read it");
        }
    }

    private static String sentence(Verification found) {
        Broken broken = found.broken();
        if (broken != null) {
            return "the audit log is broken at position " + broken.position() + " ("
                    + broken.fault().wire() + "): " + broken.fault().sentence()
                    + "; compare it with an export or a backup, and treat the host as broken into until you know why";
        }
        Checkpoint checkpoint = found.checkpoint();
        return (found.first() == 0
                        ? "the audit log holds no records"
                        : "the audit log is whole: positions " + found.first() + " to " + found.last())
                + (checkpoint == null
                        ? ""
                        : ", behind the checkpoint of " + Times.format(checkpoint.time()) + " at position "
                                + checkpoint.position());
    }
}
