package io.lyftdata.evidence;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.lyftdata.api.Page;
import io.lyftdata.api.Settings.Revision;
import io.lyftdata.api.Workers.View;
import io.lyftdata.apikey.ApiKeys;
import io.lyftdata.chain.Stretch;
import io.lyftdata.db.Database;
import io.lyftdata.db.Paging;
import io.lyftdata.http.Json;
import io.lyftdata.posture.Posture;
import io.lyftdata.settings.Settings;
import io.lyftdata.worker.Workers;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Where evidence comes from. Whatever is read here is what administrators may see anyway: public ids, fingerprints and
 * records, never a secret, nor the hash of one.
 *
 * @param staging the staging directory
 */
public record Sources(
        Path staging, Database database, Settings settings, Posture posture, Workers workers, ApiKeys keys) {
    private static final ObjectMapper JSON = Json.configure(new ObjectMapper());
    private static final String SBOM = "META-INF/sbom/lyftdata.cdx.json";

    /** Adds all that is there of the window. */
    void fill(Parts parts, Window window, Ends ends) throws IOException {
        audit(parts, window, ends);
        parts.write("settings.json", out -> json(out, settings.effective()));
        parts.write("settings-changes.ndjson", out -> lines(out, changes(window)));
        keptPosture(parts, window);
        parts.write("posture-after.json", out -> json(out, posture.look()));
        parts.write("workers.ndjson", this::workers);
        parts.write("keys.ndjson", out -> lines(out, keys.all()));
        parts.write(
                "enrollment-secrets.ndjson",
                out -> lines(
                        out, database.read(tx -> tx.attach(EvidenceDao.class).secrets())));
        parts.write("version.json", out -> json(out, version()));
        sbom(parts);
        timeline(parts, window);
        logs(parts, window);
    }

    private void audit(Parts parts, Window window, Ends ends) throws IOException {
        Refused refused = new Refused();
        parts.write(
                "audit.ndjson",
                out -> new Stretch(database).read(window.since(), record -> {
                    line(out, record.line());
                    refused.add(record);
                    ends.add(record);
                }));
        parts.write("refused.json", out -> json(out, refused.addresses()));
    }

    /** Those in the window, oldest first. */
    private List<Revision> changes(Window window) {
        List<Revision> changes = new ArrayList<>();
        String next = null;
        do {
            Page<Revision> page = settings.history(Paging.of(Page.MAX_LIMIT, next));
            for (Revision revision : page.items()) {
                if (revision.time().isBefore(window.since())) {
                    return changes;
                }
                changes.add(0, revision);
            }
            next = page.next();
        } while (next != null);
        return changes;
    }

    private void keptPosture(Parts parts, Window window) throws IOException {
        Path kept = Evidence.keptPosture(staging, window.incident());
        if (Files.exists(kept)) {
            parts.take("posture-before.json", kept);
        } else {
            parts.lack("posture-before.json");
        }
    }

    private void workers(OutputStream out) throws IOException {
        String next = null;
        do {
            Page<View> page = workers.list(Paging.of(Page.MAX_LIMIT, next));
            lines(out, page.items());
            next = page.next();
        } while (next != null);
    }

    private static Map<String, String> version() {
        Map<String, String> version = new TreeMap<>();
        version.put("product", product());
        version.put("java", Runtime.version().toString());
        version.put("os", System.getProperty("os.name") + " " + System.getProperty("os.version"));
        version.put("architecture", System.getProperty("os.arch"));
        return version;
    }

    static String product() {
        return Optional.ofNullable(Sources.class.getPackage().getImplementationVersion())
                .orElse("unknown");
    }

    private static void sbom(Parts parts) throws IOException {
        String name = "sbom.cdx.json";
        try (InputStream sbom = Sources.class.getClassLoader().getResourceAsStream(SBOM)) {
            if (sbom == null) {
                parts.lack(name);
            } else {
                parts.write(name, sbom::transferTo);
            }
        }
    }

    /** What was done about it so far. */
    private void timeline(Parts parts, Window window) throws IOException {
        Path timeline = Evidence.directory(staging).resolve(window.incident() + ".jsonl");
        if (Files.exists(timeline)) {
            parts.take("timeline.jsonl", timeline);
        } else {
            parts.lack("timeline.jsonl");
        }
    }

    /** Every file that was written to in the window. */
    private void logs(Parts parts, Window window) throws IOException {
        List<Path> files = new ArrayList<>();
        try (DirectoryStream<Path> all = Files.newDirectoryStream(staging.resolve("logs"), Files::isRegularFile)) {
            for (Path file : all) {
                if (!Files.getLastModifiedTime(file).toInstant().isBefore(window.since())) {
                    files.add(file);
                }
            }
        }
        files.sort(null);
        for (Path file : files) {
            parts.take("logs/" + file.getFileName(), file);
        }
    }

    static byte[] bytes(Object content) throws IOException {
        return JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(content);
    }

    private static void json(OutputStream out, Object content) throws IOException {
        out.write(bytes(content));
        out.write('\n');
    }

    private static void lines(OutputStream out, List<?> items) throws IOException {
        for (Object item : items) {
            line(out, JSON.writeValueAsString(item));
        }
    }

    private static void line(OutputStream out, String text) {
        try {
            out.write((text + "\n").getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
