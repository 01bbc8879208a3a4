package io.lyftdata.cli;

import io.lyftdata.api.incident.Incidents;
import io.lyftdata.api.incident.Report.Signed;
import io.lyftdata.client.ApiClient;
import io.lyftdata.crypto.SecretFile;
import io.lyftdata.terminal.CommandFailure;
import io.lyftdata.terminal.Connection;
import io.lyftdata.terminal.Output;
import io.lyftdata.terminal.Terminal;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "report",
        description = {
            "Tells of an incident what is known now: timeline, scope, controls with their times, changes, what is open.",
            "Signed by the server: docs/operations.md says how to check that."
        })
final class ReportCommand implements Callable<Integer> {
    private final Terminal terminal;
    private final Connection connection;

    @Mixin
    private Output output;

    @Parameters(paramLabel = "ID", description = "the incident")
    private String id;

    @Option(
            names = "--directory",
            paramLabel = "DIRECTORY",
            description = "also writes both forms there, with their sums, the signature and the public key")
    private Path directory;

    ReportCommand(Terminal terminal, Connection connection) {
        this.terminal = terminal;
        this.connection = connection;
    }

    @Override
    public Integer call() {
        Signed signed = connection
                .authorized()
                .get(Incidents.PATH + "/" + ApiClient.segment(id) + "/report", Map.of(), Signed.class);
        if (directory != null) {
            writeOrSay(signed);
        }
        terminal.out().print(output.isJson() ? signed.json() : signed.markdown());
        terminal.out().flush();
        return 0;
    }

    private void writeOrSay(Signed signed) {
        try {
            write(signed);
        } catch (IOException e) {
            throw new CommandFailure("the report could not be written to " + directory
                    + ": name a directory that can be written and has room, or none");
        }
    }

    private void write(Signed signed) throws IOException {
        SecretFile.createDirectory(directory);
        String stem = "incident-" + id;
        SecretFile.write(directory.resolve(stem + ".json"), signed.json());
        SecretFile.write(directory.resolve(stem + ".md"), signed.markdown());
        SecretFile.write(directory.resolve(stem + ".sums"), signed.sums());
        SecretFile.write(
                directory.resolve(stem + ".sums.sig"), Base64.getDecoder().decode(signed.signature()));
        SecretFile.write(
                directory.resolve("signing.pem"),
                "-----BEGIN PUBLIC KEY-----\n" + signed.publicKey() + "\n-----END PUBLIC KEY-----\n");
    }
}
