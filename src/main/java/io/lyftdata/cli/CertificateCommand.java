package io.lyftdata.cli;

import io.lyftdata.api.Times;
import io.lyftdata.api.certificate.Swap;
import io.lyftdata.terminal.Connection;
import io.lyftdata.terminal.Output;
import io.lyftdata.terminal.Table;
import io.lyftdata.terminal.Terminal;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(name = "certificate", description = "The server's TLS.")
final class CertificateCommand {
    private final Terminal terminal;

    @Mixin
    private final Connection connection;

    CertificateCommand(Terminal terminal) {
        this.terminal = terminal;
        this.connection = new Connection(terminal);
    }

    @Command(
            name = "show",
            description = "Shows the certificate authorities that clients are to trust, and their pins.")
    void show(@Mixin Output output) {
        output.list(
                terminal.out(),
                Authority.of(connection.anonymous()),
                new Table<Authority>()
                        .column("pin", Authority::pin)
                        .column("not after", Authority::notAfter)
                        .column("subject", Authority::subject));
    }

    @Command(
            name = "rotate",
            description = "Serves a new certificate: one of the server's own making, or the one in changed files.")
    void rotate(@Mixin Output output) {
        Swap swap = connection.authorized().post(Swap.PATH, null, Swap.class);
        output.text(
                terminal.out(),
                swap,
                "serving " + swap.fingerprint() + " until " + Times.format(swap.notAfter()) + "\n");
    }
}
