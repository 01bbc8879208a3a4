package io.lyftdata.terminal;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.lyftdata.api.Page;
import io.lyftdata.client.Json;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Option;

/** In which form facts are printed; JSON is exactly the API's record. */
public final class Output {
    /** A value of {@code --output}. */
    enum Format {
        TEXT,
        JSON;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    @Option(
            names = "--output",
            paramLabel = "FORMAT",
            defaultValue = "text",
            description = "${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE})")
    private Format format;

    public boolean isJson() {
        return format == Format.JSON;
    }

    /** A whole list, as one page without a next one. */
    public <T> void list(PrintWriter out, List<T> items, Table<T> table) {
        out.print(isJson() ? json(new Page<>(items, null)) : table.rows(items));
        out.flush();
    }

    public <T> void one(PrintWriter out, T item, Table<T> table) {
        text(out, item, table.facts(item));
    }

    /** The record, or a text that is to end with a line end. */
    public void text(PrintWriter out, Object item, String text) {
        out.print(isJson() ? json(item) : text);
        out.flush();
    }

    private static String json(Object value) {
        try {
            return Json.MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(value) + "\n";
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("a record that is no JSON", e);
        }
    }
}
