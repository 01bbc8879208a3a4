package io.lyftdata.cli;

import io.lyftdata.api.audit.Exported;
import io.lyftdata.api.audit.Place;
import io.lyftdata.api.audit.SignedHead;
import io.lyftdata.client.ApiClient;
import io.lyftdata.client.Json;
import io.lyftdata.config.BadSetting;
import io.lyftdata.config.HostPort;
import io.lyftdata.crypto.ChainLink;
import io.lyftdata.crypto.SecretFile;
import io.lyftdata.syslog.NotDelivered;
import io.lyftdata.syslog.SyslogMessage;
import io.lyftdata.syslog.SyslogTarget;
import io.lyftdata.terminal.CommandFailure;
import io.lyftdata.terminal.Connection;
import io.lyftdata.terminal.Terminal;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The whole log to somewhere else, or what came since the last time. */
@Command(
        name = "export",
        description = {
            "Writes the log as JSON lines, one record a line, oldest first: to standard output, or to a file, which the",
            "next run continues, or to a syslog collector over TLS. Records that a file holds can be pruned."
        })
final class AuditExportCommand implements Runnable {
    private final Terminal terminal;
    private final Connection connection;

    @Option(
            names = "--file",
            paramLabel = "FILE",
            description = "to this file, behind what it holds already; FILE.head gets the server's signature")
    private Path file;

    @Option(
            names = "--syslog",
            paramLabel = "HOST:PORT",
            description = "to this collector (RFC 5424 over TLS, RFC 5425), a message each record")
    private String syslog;

    @Option(
            names = "--syslog-ca",
            paramLabel = "FILE",
            description = "PEM file of the authority of the collector's certificate (default: the JVM's trust store)")
    private Path syslogAuthority;

    @Option(
            names = "--position-file",
            paramLabel = "FILE",
            description = "keeps how far the collector has the log, for the next run to go on from")
    private Path positionFile;

    @Option(
            names = "--from",
            paramLabel = "POSITION:HASH",
            description = "go on behind this record (default: behind the file's last, else from the beginning)")
    private String from;

    private interface Sink {
        void take(List<String> lines) throws IOException;
    }

    /** @param connection whose options stand at the group above */
    AuditExportCommand(Terminal terminal, Connection connection) {
        this.terminal = terminal;
        this.connection = connection;
    }

    @Override
    public void run() {
        if (syslog == null && (syslogAuthority != null || positionFile != null)) {
            throw new BadSetting("--syslog-ca and --position-file go with --syslog HOST:PORT");
        }
        if (syslog != null && file != null) {
            throw new BadSetting("--file and --syslog are two exports: run the command once for each");
        }
        Optional<Place> given = Optional.ofNullable(from).map(AuditExportCommand::place);
        ApiClient api = connection.authorized();
        try {
            if (file != null) {
                toFile(api, given);
            } else if (syslog != null) {
                toCollector(api, given);
            } else {
                copy(api, given, this::print);
            }
        } catch (NotDelivered e) {
            throw new CommandFailure(e.getMessage() + "; run the command again to go on");
        } catch (IOException e) {
            throw new CommandFailure(trouble());
        }
    }

    private String trouble() {
        Path written = file == null ? positionFile : file;
        return written == null
                ? "standard output was closed before the export had ended"
                : written
                        + " cannot be read or written: check its owner, its mode and the disk's space; run the command"
                        + " again to go on";
    }

    private static Place place(String text) {
        return Place.parse(text.strip())
                .orElseThrow(() -> new BadSetting(
                        "a place to go on from is a record's POSITION:HASH, as an earlier" + " export ended with it"));
    }

    private void toCollector(ApiClient api, Optional<Place> given) throws IOException {
        SyslogTarget target = SyslogTarget.of(address(), Optional.ofNullable(syslogAuthority), SyslogTarget.PATIENCE);
        Optional<Place> kept = positionFile == null
                ? Optional.empty()
                : SecretFile.read(positionFile).map(AuditExportCommand::place);
        String host = api.endpoint().url().getHost();
        Optional<Place> begin = given.or(() -> kept);
        Optional<Place> end = copy(api, begin, lines -> {
            target.send(lines.stream().map(line -> SyslogMessage.of(line, host)).toList());
            ChainLink last = link(lines);
            terminal.progress("delivered up to position " + last.position());
            if (positionFile != null) {
                SecretFile.write(positionFile, new Place(last.position(), last.hash()) + "\n");
            }
        });
        terminal.endProgress();
        terminal.out()
                .println(end.map(place -> "the collector has the log up to " + place)
                        .orElse("the audit log holds no records"));
    }

    private HostPort address() {
        try {
            return HostPort.parse(syslog);
        } catch (IllegalArgumentException e) {
            throw new BadSetting("--syslog is the collector's HOST:PORT, such as collector.example:6514");
        }
    }

    private void print(List<String> lines) throws IOException {
        lines.forEach(terminal.out()::println);
        if (terminal.out().checkError()) {
            throw new IOException("closed");
        }
    }

    private void toFile(ApiClient api, Optional<Place> given) throws IOException {
        try (ExportFile export = ExportFile.open(file)) {
            Optional<Place> begin = export.last();
            if (begin.isPresent() && given.isPresent()) {
                throw new BadSetting("--from begins a new file, but " + file + " holds records: leave --from out to go"
                        + " on behind them, or give another file");
            }
            Optional<Place> end = copy(api, begin.or(() -> given), lines -> {
                export.append(lines);
                terminal.progress("exported up to position " + link(lines).position());
            });
            terminal.endProgress();
            Path head = ExportedChain.headOf(file);
            Optional<Long> first = export.first();
            if (first.isPresent() && (!end.equals(begin) || !Files.exists(head))) {
                Place last = end.orElseThrow();
                SignedHead signed = api.post(
                        Exported.PATH, new Exported(first.get(), last.position(), last.hash()), SignedHead.class);
                SecretFile.write(head, Json.MAPPER.writeValueAsBytes(signed));
            }
            terminal.out()
                    .println(
                            first.isEmpty()
                                    ? "the audit log holds no records behind that place"
                                    : file + " holds positions " + first.get() + " to "
                                            + end.orElseThrow().position());
        }
    }

    /** Returns the last record's place, or where it began when there was none. */
    private static Optional<Place> copy(ApiClient api, Optional<Place> begin, Sink sink) throws IOException {
        Optional<Place> reached = begin;
        for (List<String> lines = page(api, reached); !lines.isEmpty(); lines = page(api, reached)) {
            ChainLink last = link(lines);
            sink.take(lines);
            reached = Optional.of(new Place(last.position(), last.hash()));
        }
        return reached;
    }

    private static ChainLink link(List<String> lines) {
        return ChainLink.of(lines.get(lines.size() - 1))
                .orElseThrow(() -> new CommandFailure(
                        "the server sent a line that is no record: is it of a version near this one?"));
    }

    private static List<String> page(ApiClient api, Optional<Place> from) {
        Map<String, Object> query =
                from.<Map<String, Object>>map(place -> Map.of("from", place)).orElse(Map.of());
        byte[] body =
                api.send("GET", Exported.PATH, query, Map.of(), new byte[0]).body();
        return new String(body, StandardCharsets.UTF_8).lines().toList();
    }
}
