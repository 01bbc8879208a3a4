package io.lyftdata.cli;

import io.lyftdata.api.Times;
import io.lyftdata.api.certificate.RotateCa;
import io.lyftdata.api.certificate.Swap;
import io.lyftdata.client.ApiClient;
import io.lyftdata.client.Endpoint;
import io.lyftdata.client.Probe;
import io.lyftdata.client.Probe.Finding;
import io.lyftdata.terminal.Authority;
import io.lyftdata.terminal.Connection;
import io.lyftdata.terminal.Output;
import io.lyftdata.terminal.Table;
import io.lyftdata.terminal.Terminal;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(name = "certificate", description = "The server's TLS.")
final class CertificateCommand {
    private static final int FOUND_WRONG = 3;

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

    /** What {@code verify} prints as JSON. */
    record Verified(String url, boolean good, List<Finding> findings) {}

    @Command(
            name = "verify",
            description =
                    "Checks the way to a server, step by step, as a client with these settings goes it; ends with 3"
                            + " when it does not get through.")
    int verify(
            @Mixin Output output,
            @Parameters(paramLabel = "URL", description = "as clients are to call the server") String url) {
        Endpoint endpoint = connection.endpoint(url);
        List<Finding> findings = Probe.of(endpoint, terminal.clock().instant());
        boolean good = findings.stream().allMatch(Finding::good);
        output.text(
                terminal.out(),
                new Verified(endpoint.url().toString(), good, findings),
                new Table<Finding>()
                        .column("check", Finding::check)
                        .column("result", finding -> finding.good() ? "ok" : "FAILED")
                        .column("detail", Finding::detail)
                        .rows(findings));
        return good ? 0 : FOUND_WRONG;
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

    @Command(
            name = "rotate-ca",
            description = {
                "Replaces the server's own authority, step by step; without a step, shows how far it has come.",
                "prepare makes the new one and hands it to the workers; activate signs with it; retire ends the old"
                        + " one for good. Until then rollback takes the old one back."
            })
    void rotateCa(
            @Mixin Output output,
            @Parameters(arity = "0..1", paramLabel = "STEP", description = "prepare, activate, retire or rollback")
                    String step,
            @Option(
                            names = "--force",
                            description = "also when online workers lack the new authority: they need its pin then")
                    boolean force) {
        ApiClient api = connection.authorized();
        RotateCa.State state = step == null
                ? api.get(RotateCa.PATH, Map.of(), RotateCa.State.class)
                : api.post(RotateCa.PATH, new RotateCa(step, force), RotateCa.State.class);
        output.one(
                terminal.out(),
                state,
                new Table<RotateCa.State>()
                        .column("phase", RotateCa.State::phase)
                        .column("pin", RotateCa.State::pin)
                        .column("other pin", RotateCa.State::otherPin)
                        .column("workers that have it", RotateCa.State::have)
                        .column("online without", some -> String.join(", ", some.onlineWithout()))
                        .column("offline without", some -> String.join(", ", some.offlineWithout()))
                        .column("next", RotateCa.State::advice));
    }
}
