package io.lyftdata.snapshot;

import io.lyftdata.archive.Names;
import io.lyftdata.crypto.SecretFile;
import io.lyftdata.db.SqliteFile;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The workers' logs and newest metrics, each file of one moment, taken while others write: every batch is in it whole or
 * not at all.
 *
 * @param files by their names in a backup
 * @param counts of lines and of workers with metrics
 * @param lacks the names of those that could not be read
 */
public record TelemetryCopy(SortedMap<String, Path> files, Map<String, Long> counts, List<String> lacks) {
    private static final Logger LOG = LoggerFactory.getLogger(TelemetryCopy.class);

    /**
     * Copies what is written to, and links what is not any more, so that no room is needed for it. A file that cannot be
     * read is left out, and named.
     *
     * @param target an empty directory, for as long as the copy is used
     */
    public static TelemetryCopy make(Path staging, Path target, Progress progress) throws IOException {
        List<String> names = names(staging);
        SecretFile.createDirectory(target.resolve(Names.LOGS));
        SortedMap<String, Path> files = new TreeMap<>();
        Map<String, Long> counts = new TreeMap<>();
        List<String> lacks = new ArrayList<>();
        String newest = names.stream()
                .filter(name -> name.startsWith(Names.LOGS))
                .reduce("", (left, right) -> left.compareTo(right) > 0 ? left : right);
        for (String name : names) {
            Path copy = target.resolve(name);
            boolean isWritten = name.equals(newest) || name.equals(Names.METRICS);
            try {
                counts.merge(noun(name), copy(name, staging.resolve(name), copy, isWritten, progress), Long::sum);
                files.put(name, copy);
            } catch (SQLException e) {
                if (SqliteFile.isFull(e)) {
                    throw new IOException("No space left on device", e);
                }
                if (Files.exists(staging.resolve(name))) {
                    LOG.error("{} cannot be read, so it is not in the backup", name, e);
                    lacks.add(name);
                } else {
                    LOG.info("{} was pruned meanwhile, so it is not in the backup", name);
                }
            }
        }
        return new TelemetryCopy(files, counts, lacks);
    }

    private static List<String> names(Path staging) throws IOException {
        List<String> names = new ArrayList<>();
        if (Files.isRegularFile(staging.resolve(Names.METRICS))) {
            names.add(Names.METRICS);
        }
        try (DirectoryStream<Path> days = Files.newDirectoryStream(staging.resolve(Names.LOGS))) {
            days.forEach(day -> names.add(Names.LOGS + day.getFileName()));
        } catch (NoSuchFileException e) {
            return names;
        }
        names.removeIf(name -> !Names.isTelemetry(name));
        Collections.sort(names);
        return names;
    }

    /** What is in the file, which is told by the transaction that the copy is taken in. */
    private static long copy(String name, Path from, Path to, boolean isWritten, Progress progress)
            throws SQLException, IOException {
        try (Connection connection = SqliteFile.openToRead(from)) {
            connection.setAutoCommit(false);
            long count = count(name, connection);
            if (isWritten || hasJournal(from) || !isLinked(from, to)) {
                SecretFile.createEmpty(to);
                PageCopy.copy(connection, to, "copying " + name, progress);
            }
            return count;
        }
    }

    private static boolean hasJournal(Path file) {
        return file.resolveSibling(file.getFileName() + "-wal").toFile().length() > 0;
    }

    /** Nothing is added to the file of a day that is over; the link keeps it when the day is pruned. */
    private static boolean isLinked(Path from, Path to) {
        try {
            Files.createLink(to, from);
            return true;
        } catch (IOException | UnsupportedOperationException e) {
            LOG.debug("{} is on another disk", from, e);
            return false;
        }
    }

    private static String noun(String name) {
        return name.equals(Names.METRICS) ? "metrics" : "logLines";
    }

    private static long count(String name, Connection connection) throws SQLException {
        String query = name.equals(Names.METRICS)
                ? "SELECT count(*) FROM snapshot"
                : "SELECT coalesce(sum(lines), 0) FROM chunk";
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(query)) {
            return row.getLong(1);
        }
    }

    /**
     * How much a file holds.
     *
     * @throws SQLException when it cannot be read
     */
    public static long count(String name, Path file) throws SQLException {
        try (Connection connection = SqliteFile.openToRead(file)) {
            return count(name, connection);
        }
    }

    /** How much the files of these names hold, below a directory, by noun. */
    public static Map<String, Long> counts(Collection<String> names, Path directory) throws SQLException {
        Map<String, Long> counts = new TreeMap<>();
        for (String name : names) {
            counts.merge(noun(name), count(name, directory.resolve(name)), Long::sum);
        }
        return counts;
    }
}
