package io.lyftdata.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.lyftdata.api.LogLine;
import io.lyftdata.api.Page;
import io.lyftdata.api.Times;
import io.lyftdata.client.ApiClient;
import io.lyftdata.client.Json;
import io.lyftdata.terminal.CommandFailure;
import io.lyftdata.terminal.Connection;
import io.lyftdata.terminal.Output;
import io.lyftdata.terminal.Table;
import io.lyftdata.terminal.Terminal;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "logs",
        description = {
            "Prints log lines of the fleet, or of one worker, in the order in which they came:",
            "the newest, or with --since all from there on."
        })
final class LogsCommand implements Runnable {
    private static final long POLL_NANOS = TimeUnit.SECONDS.toNanos(2);

    private final Terminal terminal;
    private final Connection connection;

    @Mixin
    private Output output;

    @Parameters(paramLabel = "WORKER", arity = "0..1", description = "only of this worker")
    private String worker;

    @Option(names = "--since", paramLabel = "TIME", description = "from this time on: RFC 3339, or ago as in 15m or 2d")
    private String since;

    @Option(names = "--until", paramLabel = "TIME", description = "before this time, written in the same way")
    private String until;

    @Option(
            names = "--level",
            paramLabel = "LEVEL",
            description = "trace, debug, info, warn or error, and what is worse")
    private String level;

    @Option(names = "--limit", paramLabel = "N", description = "at most so many lines (without --since: 100)")
    private Long limit;

    @Option(names = "--follow", description = "goes on with new lines until interrupted")
    private boolean follow;

    /** @param connection whose options stand at the group above */
    LogsCommand(Terminal terminal, Connection connection) {
        this.terminal = terminal;
        this.connection = connection;
    }

    @Override
    public void run() {
        ApiClient api = connection.authorized();
        String path = "/api/workers" + (worker == null ? "" : "/" + ApiClient.segment(worker)) + "/logs";
        Map<String, Object> query = new LinkedHashMap<>();
        if (until != null) {
            query.put("until", Times.format(terminal.time(until)));
        }
        if (level != null) {
            query.put("level", level);
        }
        if (since == null) {
            query.put("limit", limit == null ? Page.DEFAULT_LIMIT : limit);
            print(api, path, query);
        } else {
            query.put("since", Times.format(terminal.time(since)));
        }
        if (since != null || follow) {
            goOn(api, path, query, since == null || limit == null ? Long.MAX_VALUE : limit);
        }
    }

    /** Page after page from the query's place on. */
    private void goOn(ApiClient api, String path, Map<String, Object> query, long most) {
        long left = most;
        while (left > 0 && !terminal.out().checkError()) {
            query.put("limit", Math.min(left, Page.MAX_LIMIT));
            long printed = print(api, path, query);
            left -= printed;
            if (printed == 0) {
                if (!follow || Thread.interrupted()) {
                    return;
                }
                LockSupport.parkNanos(POLL_NANOS);
            }
        }
    }

    /** Prints one page and moves the query behind it. */
    private long print(ApiClient api, String path, Map<String, Object> query) {
        long printed = 0;
        try (BufferedReader lines =
                new BufferedReader(new InputStreamReader(api.stream(path, query), StandardCharsets.UTF_8))) {
            for (String json = lines.readLine(); json != null; json = lines.readLine()) {
                LogLine line = Json.MAPPER.readValue(json, LogLine.class);
                terminal.out().println(output.isJson() ? json : text(line));
                query.put("cursor", Objects.requireNonNull(line.cursor(), "a line without cursor"));
                printed++;
            }
            return printed;
        } catch (JsonProcessingException e) {
            throw new CommandFailure("the server sent a line that is no log line: is it of a version near this one?");
        } catch (IOException e) {
            throw new CommandFailure("the connection was cut in the midst of the log: run the command again");
        }
    }

    private static String text(LogLine line) {
        String level = line.level() == null ? null : line.level().toUpperCase(Locale.ROOT);
        return Stream.of(Times.format(line.time()), level, line.worker(), line.source())
                        .filter(Objects::nonNull)
                        .map(Table::printable)
                        .collect(Collectors.joining(" "))
                + ": " + Table.printable(String.valueOf(line.message()));
    }
}
