package io.lyftdata.incident;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.lyftdata.client.Json;
import io.lyftdata.crypto.SecretFile;
import io.lyftdata.db.Reserve;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A file for each incident, a line for each moment, only its owner's: on disk when {@link #append} returns. What a crash
 * cut off at a file's end was told to nobody, and is dropped. Safe for use by many threads.
 */
public final class IncidentFiles {
    private static final Logger LOG = LoggerFactory.getLogger(IncidentFiles.class);
    private static final String SUFFIX = ".jsonl";

    private final Path directory;
    private final Reserve reserve;
    private final ConcurrentSkipListMap<String, Incident> known = new ConcurrentSkipListMap<>();

    private IncidentFiles(Path directory, Reserve reserve) {
        this.directory = directory;
        this.reserve = reserve;
    }

    /**
     * Reads what there is; a file that cannot be read is passed over, for a server must start in an incident of all
     * times.
     *
     * @param reserve room on a full disk
     */
    public static IncidentFiles open(Path directory, Reserve reserve) throws IOException {
        SecretFile.createDirectory(directory);
        IncidentFiles files = new IncidentFiles(directory, reserve);
        try (Stream<Path> paths = Files.list(directory)) {
            for (Path path :
                    paths.filter(path -> path.toString().endsWith(SUFFIX)).toList()) {
                files.read(path);
            }
        }
        return files;
    }

    private void read(Path path) throws IOException {
        String name = path.getFileName().toString();
        String id = name.substring(0, name.length() - SUFFIX.length());
        String text = Files.readString(path);
        int whole = text.lastIndexOf('\n') + 1;
        if (whole < text.length()) {
            LOG.warn("dropped the end of {}, which a crash cut off", path);
            try (FileChannel channel = FileChannel.open(path, StandardOpenOption.WRITE)) {
                channel.truncate(text.substring(0, whole).getBytes(StandardCharsets.UTF_8).length);
                channel.force(true);
            }
        }
        try {
            List<Moment> timeline = new ArrayList<>();
            for (String line : text.substring(0, whole).lines().toList()) {
                timeline.add(Json.MAPPER.readValue(line, Moment.class));
            }
            known.put(id, new Incident(id, timeline));
        } catch (JsonProcessingException | IllegalArgumentException e) {
            LOG.warn("{} cannot be read, and its incident is not known: put an intact copy back and restart", path);
        }
    }

    /** The last id first, which begins with the day. */
    public List<Incident> all() {
        return List.copyOf(known.descendingMap().values());
    }

    public Optional<Incident> find(String id) {
        return Optional.ofNullable(known.get(id));
    }

    /** Writes down a new incident. */
    void begin(Incident incident) {
        try {
            byte[] line = line(incident.timeline().get(0));
            written(() -> SecretFile.write(path(incident.id()), line));
            known.put(incident.id(), incident);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Writes down what happened next. */
    synchronized Incident append(String id, Moment moment) {
        Incident after = known.get(id).then(moment);
        try (FileChannel channel = FileChannel.open(path(id), StandardOpenOption.WRITE)) {
            long end = channel.size();
            byte[] line = line(moment);
            written(() -> write(channel, end, line));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        known.put(id, after);
        return after;
    }

    private static void write(FileChannel channel, long at, byte[] line) throws IOException {
        try {
            ByteBuffer bytes = ByteBuffer.wrap(line);
            for (long to = at; bytes.hasRemaining(); ) {
                to += channel.write(bytes, to);
            }
            channel.force(true);
        } catch (IOException e) {
            channel.truncate(at);
            throw e;
        }
    }

    /** What an incident writes is little, and must be written when the disk is full. */
    private void written(Write write) throws IOException {
        for (int attempt = 1; ; attempt++) {
            try {
                write.run();
                return;
            } catch (IOException e) {
                if (attempt > Reserve.ATTEMPTS || !reserve.release()) {
                    throw e;
                }
            }
        }
    }

    private interface Write {
        void run() throws IOException;
    }

    private static byte[] line(Moment moment) throws IOException {
        return (Json.MAPPER.writeValueAsString(moment) + "\n").getBytes(StandardCharsets.UTF_8);
    }

    private Path path(String id) {
        return directory.resolve(id + SUFFIX);
    }
}
