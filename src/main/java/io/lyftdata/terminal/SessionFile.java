package io.lyftdata.terminal;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.lyftdata.client.Json;
import io.lyftdata.config.PrivateFiles;
import io.lyftdata.crypto.SecretFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** Where the session is kept: {@code $XDG_STATE_HOME/lyftdata/session}, readable by its owner only. */
public final class SessionFile {
    private final Path file;

    private SessionFile(Path file) {
        this.file = file;
    }

    /** A relative {@code XDG_STATE_HOME} counts as not set (XDG Base Directory Specification 0.8). */
    public static SessionFile of(Variables variables) {
        Path state = variables
                .text("XDG_STATE_HOME")
                .map(Path::of)
                .filter(Path::isAbsolute)
                .orElseGet(() -> variables.home().resolve(".local").resolve("state"));
        return new SessionFile(state.resolve("lyftdata").resolve("session"));
    }

    public Optional<Session> read() {
        try {
            if (!Files.exists(file)) {
                return Optional.empty();
            }
            if (PrivateFiles.isOpenToOthers(file)) {
                throw new CommandFailure(file + " can be read or written by others, so its session may be known: run"
                        + " chmod 600 " + file + ", then lyftdata logout");
            }
            return Optional.of(Json.MAPPER.readValue(Files.readAllBytes(file), Session.class))
                    .filter(session -> session.url() != null && session.token() != null);
        } catch (JsonProcessingException e) {
            throw new CommandFailure(file + " is damaged: delete it, then run lyftdata login USER");
        } catch (IOException e) {
            throw new CommandFailure(file + " cannot be read: check its owner and mode");
        }
    }

    public void write(Session session) {
        try {
            SecretFile.write(file, Json.MAPPER.writeValueAsBytes(session));
        } catch (IOException e) {
            throw new CommandFailure(
                    file + " cannot be written, so the session is not kept: check the directory's owner"
                            + " and mode, or set XDG_STATE_HOME");
        }
    }

    public void delete() {
        try {
            SecretFile.delete(file);
        } catch (IOException e) {
            throw new CommandFailure(file + " cannot be deleted: check the directory's owner and mode");
        }
    }
}
