package io.lyftdata.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import io.lyftdata.api.Page;
import io.lyftdata.api.Times;
import io.lyftdata.api.audit.Entry;
import io.lyftdata.client.ApiClient;
import io.lyftdata.client.Json;
import io.lyftdata.config.BadSetting;
import io.lyftdata.terminal.Connection;
import io.lyftdata.terminal.Output;
import io.lyftdata.terminal.Table;
import io.lyftdata.terminal.Terminal;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The newest records, or the log as it grows. */
@Command(name = "list", description = "Lists the newest records, or follows the log as it grows.")
final class AuditListCommand implements Runnable {
    private static final String PATH = "/api/audit";
    private static final TypeReference<Page<Entry>> PAGE = new TypeReference<>() {};
    /** Of the table's last column, in characters. */
    private static final int WIDEST = 80;

    private static final long POLL_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final Terminal terminal;
    private final Connection connection;

    @Mixin
    private Output output;

    @Option(names = "--action", paramLabel = "ACTION", description = "only this action, as in user_added")
    private String action;

    @Option(names = "--actor", paramLabel = "ACTOR", description = "only what this user, worker or token id did")
    private String actor;

    @Option(names = "--subject", paramLabel = "SUBJECT", description = "only what was done to this name or id")
    private String subject;

    @Option(names = "--address", paramLabel = "ADDRESS", description = "only what came from this address")
    private String address;

    @Option(names = "--outcome", paramLabel = "OUTCOME", description = "only this outcome: done, or a refusal's code")
    private String outcome;

    @Option(names = "--since", paramLabel = "TIME", description = "from this time on: RFC 3339, or ago as in 15m or 2d")
    private String since;

    @Option(names = "--until", paramLabel = "TIME", description = "before this time, written in the same way")
    private String until;

    @Option(
            names = "--limit",
            paramLabel = "N",
            defaultValue = "100",
            description = "at most so many records (default: ${DEFAULT-VALUE})")
    private int limit;

    @Option(
            names = "--follow",
            description = "prints the newest in their order, a line each, and goes on until interrupted")
    private boolean follow;

    /** @param connection whose options stand at the group above */
    AuditListCommand(Terminal terminal, Connection connection) {
        this.terminal = terminal;
        this.connection = connection;
    }

    @Override
    public void run() {
        if (limit < 1) {
            throw new BadSetting("--limit must be at least 1");
        }
        ApiClient api = connection.authorized();
        if (follow) {
            follow(api);
            return;
        }
        Page<Entry> newest = newest(api);
        output.text(terminal.out(), newest, table().rows(newest.items()));
        if (newest.next() != null && !output.isJson()) {
            terminal.warn("there are older records that match: --limit N shows more");
        }
    }

    private Map<String, Object> query() {
        Map<String, Object> query = new LinkedHashMap<>();
        query.put("action", action);
        query.put("actor", actor);
        query.put("subject", subject);
        query.put("address", address);
        query.put("outcome", outcome);
        query.put("since", since == null ? null : Times.format(terminal.time(since)));
        query.put("until", until == null ? null : Times.format(terminal.time(until)));
        query.values().removeIf(value -> value == null);
        return query;
    }

    private Page<Entry> newest(ApiClient api) {
        List<Entry> items = new ArrayList<>();
        Map<String, Object> part = query();
        while (true) {
            part.put("limit", Math.min(limit - items.size(), Page.MAX_LIMIT));
            Page<Entry> page = api.get(PATH, part, PAGE);
            items.addAll(page.items());
            if (page.next() == null || items.size() >= limit) {
                return new Page<>(items, page.next());
            }
            part.put("cursor", page.next());
        }
    }

    /** What is newer than the chain's end is asked for before the newest are printed, so none falls between. */
    private void follow(ApiClient api) {
        String after = api.get(PATH, Map.of("limit", 1), PAGE).items().stream()
                .map(entry -> String.valueOf(entry.position()))
                .findFirst()
                .orElse("0");
        List<Entry> shown = new ArrayList<>(newest(api).items());
        long end = Long.parseLong(after);
        shown.removeIf(entry -> entry.position() > end);
        Collections.reverse(shown);
        print(shown);
        Map<String, Object> behind = query();
        behind.put("limit", Page.MAX_LIMIT);
        while (!terminal.out().checkError()) {
            behind.put("after", after);
            Page<Entry> page = api.get(PATH, behind, PAGE);
            print(page.items());
            if (page.next() != null) {
                after = page.next();
            } else if (Thread.interrupted()) {
                return;
            } else {
                LockSupport.parkNanos(POLL_NANOS);
            }
        }
    }

    private void print(List<Entry> entries) {
        entries.forEach(entry -> terminal.out().println(output.isJson() ? json(entry) : line(entry)));
    }

    private static String json(Object value) {
        try {
            return Json.MAPPER.writeValueAsString(value);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("a record that is no JSON", e);
        }
    }

    private static String line(Entry entry) {
        return Stream.of(
                        Times.format(entry.time()),
                        entry.action(),
                        entry.subject(),
                        "by " + actor(entry),
                        entry.address().isEmpty() ? "" : "from " + entry.address(),
                        outcome(entry),
                        difference(entry))
                .filter(part -> !part.isEmpty())
                .map(Table::printable)
                .collect(Collectors.joining(" "));
    }

    private static Table<Entry> table() {
        return new Table<Entry>()
                .column("position", Entry::position)
                .column("time", Entry::time)
                .column("action", Entry::action)
                .column("subject", Entry::subject)
                .column("actor", AuditListCommand::actor)
                .column("address", Entry::address)
                .column("outcome", AuditListCommand::outcome)
                .column("difference", entry -> shortened(difference(entry)));
    }

    /** A first start's settings are a page of text; all of it is in the JSON, and in settings history. */
    private static String shortened(String difference) {
        return difference.length() <= WIDEST ? difference : difference.substring(0, WIDEST - 1) + "\u2026";
    }

    private static String actor(Entry entry) {
        return entry.actor().equals(entry.actorKind()) ? entry.actor() : entry.actorKind() + " " + entry.actor();
    }

    private static String outcome(Entry entry) {
        return entry.outcome() + (entry.count() > 1 ? " x" + entry.count() : "");
    }

    private static String difference(Entry entry) {
        return entry.difference().entrySet().stream()
                .map(field -> field.getKey() + ": " + change(field.getValue()))
                .collect(Collectors.joining(", "));
    }

    private static String change(Entry.Change change) {
        return change.before() == null ? json(change.after()) : json(change.before()) + " -> " + json(change.after());
    }
}
