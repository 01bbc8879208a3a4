package io.lyftdata.db;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lyftdata.auth.Role;
import java.sql.Types;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.argument.AbstractArgumentFactory;
import org.jdbi.v3.core.argument.Argument;
import org.jdbi.v3.core.config.ConfigRegistry;
import org.jdbi.v3.core.generic.GenericType;
import org.jdbi.v3.core.mapper.ColumnMapper;

/** How our types stand in columns: instants as epoch milliseconds, enums in lower case, labels and lists as JSON. */
final class Columns {
    private static final ObjectMapper JSON = new ObjectMapper();

    private Columns() {}

    static void register(Jdbi jdbi) {
        jdbi.registerArgument(new InstantArgument());
        jdbi.registerColumnMapper(Instant.class, (row, column, context) -> {
            long millis = row.getLong(column);
            return row.wasNull() ? null : Instant.ofEpochMilli(millis);
        });
        jdbi.registerArgument(new EnumArgument());
        jdbi.registerArgument(new LabelsArgument());
        jdbi.registerArgument(new ListArgument());
        ColumnMapper<Map<String, String>> labels = (row, column, context) ->
                fromJson(row.getString(column), new TypeReference<TreeMap<String, String>>() {});
        jdbi.registerColumnMapper(new GenericType<Map<String, String>>() {}, labels);
        ColumnMapper<List<String>> list =
                (row, column, context) -> fromJson(row.getString(column), new TypeReference<List<String>>() {});
        jdbi.registerColumnMapper(new GenericType<List<String>>() {}, list);
        jdbi.registerColumnMapper(
                Role.class,
                (row, column, context) -> Role.valueOf(row.getString(column).toUpperCase(Locale.ROOT)));
    }

    private static <T> T fromJson(String text, TypeReference<T> type) {
        try {
            return text == null ? null : JSON.readValue(text, type);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a column holds damaged JSON", e);
        }
    }

    private static String toJson(Object value) {
        try {
            return JSON.writeValueAsString(value);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("text does not turn into JSON", e);
        }
    }

    private static final class InstantArgument extends AbstractArgumentFactory<Instant> {
        private InstantArgument() {
            super(Types.BIGINT);
        }

        @Override
        protected Argument build(Instant value, ConfigRegistry config) {
            return (position, statement, context) -> statement.setLong(position, value.toEpochMilli());
        }
    }

    private static final class EnumArgument extends AbstractArgumentFactory<Enum<?>> {
        private EnumArgument() {
            super(Types.VARCHAR);
        }

        @Override
        protected Argument build(Enum<?> value, ConfigRegistry config) {
            String text = value.name().toLowerCase(Locale.ROOT);
            return (position, statement, context) -> statement.setString(position, text);
        }
    }

    private static final class LabelsArgument extends AbstractArgumentFactory<Map<String, String>> {
        private LabelsArgument() {
            super(Types.VARCHAR);
        }

        @Override
        protected Argument build(Map<String, String> value, ConfigRegistry config) {
            String text = toJson(new TreeMap<>(value));
            return (position, statement, context) -> statement.setString(position, text);
        }
    }

    private static final class ListArgument extends AbstractArgumentFactory<List<String>> {
        private ListArgument() {
            super(Types.VARCHAR);
        }

        @Override
        protected Argument build(List<String> value, ConfigRegistry config) {
            String text = toJson(value);
            return (position, statement, context) -> statement.setString(position, text);
        }
    }
}
