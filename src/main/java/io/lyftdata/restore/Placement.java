package io.lyftdata.restore;

import io.lyftdata.archive.Names;
import io.lyftdata.crypto.SecretFile;
import io.lyftdata.db.Database;
import io.lyftdata.snapshot.Progress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Puts a new state in the place of the old one, all or nothing: it is made beside the old one, one rename decides, and
 * from then on whoever opens the staging directory next finishes what a crash left. For one thread.
 */
public final class Placement {
    /** Where the new state is made; worth nothing after a crash. */
    private static final String MAKING = ".restore-making";
    /** The same once it counts. */
    private static final String DECIDED = ".restore-decided";

    private static final String STATE = "state";
    private static final String ASIDE = "aside";
    private static final String ID = "id";
    /** Where SQLite keeps what is not in the file yet; it belongs to the old file and to no other. */
    private static final List<String> JOURNALS = List.of("-wal", "-shm");

    private static final String LEDGER = "ledger";

    private final Path staging;
    private Path aside;

    public Placement(Path staging) {
        this.staging = staging;
    }

    /** An empty place to make the new state in. */
    Path begin() throws IOException {
        SecretFile.deleteTree(making());
        SecretFile.createDirectory(state());
        return state();
    }

    private Path making() {
        return staging.resolve(MAKING);
    }

    private Path state() {
        return making().resolve(STATE);
    }

    /** Where the database that is left is kept until it is put aside; for one that is no file. */
    Path former() {
        return making().resolve(Names.DATABASE);
    }

    /**
     * Says that the new state is complete; it counts when that id is in the database that is no file.
     *
     * @param aside name of the directory, below {@code backups}, that takes the old state
     */
    void complete(String id, String aside) throws IOException {
        SecretFile.write(making().resolve(ASIDE), aside);
        SecretFile.write(making().resolve(ID), id);
        sync(state(), due(state()));
    }

    /**
     * Finishes or forgets what a crash left of a restore.
     *
     * @param postgresql the database, when it is no file: what it holds decides
     */
    public void settle(Optional<Database> postgresql, Progress progress) throws IOException {
        finish(progress);
        Optional<String> id = SecretFile.read(making().resolve(ID));
        if (postgresql.isPresent() && id.isPresent() && holds(postgresql.get(), id.get())) {
            Files.deleteIfExists(state().resolve(Names.DATABASE));
            decide();
            finish(progress);
        }
        drop();
    }

    private static boolean holds(Database database, String id) {
        return database.finds("SELECT 1 FROM installation_fact WHERE name = 'restored' AND value = ?", id);
    }

    /** From here on the new state counts. */
    void decide() throws IOException {
        Files.move(making(), staging.resolve(DECIDED), StandardCopyOption.ATOMIC_MOVE);
        SecretFile.syncDirectory(staging);
    }

    /** Forgets a new state that does not count. */
    void drop() throws IOException {
        SecretFile.deleteTree(making());
    }

    /**
     * Puts the new state in place when it counts; done twice, or after a crash, it does the same.
     */
    void finish(Progress progress) throws IOException {
        Path decided = staging.resolve(DECIDED);
        Optional<String> name = SecretFile.read(decided.resolve(ASIDE));
        if (name.isEmpty()) {
            SecretFile.deleteTree(decided);
            return;
        }
        aside = staging.resolve("backups").resolve(name.get());
        SecretFile.createDirectory(aside);
        Path state = decided.resolve(STATE);
        List<String> due = due(state);
        for (String old : due) {
            move(staging.resolve(old), aside.resolve(old));
            for (String journal : JOURNALS) {
                move(staging.resolve(old + journal), aside.resolve(old + journal));
            }
            progress.at("putting " + old + " aside", 0, 1);
        }
        sync(staging, due);
        sync(aside, due);
        for (String now : due) {
            move(state.resolve(now), staging.resolve(now));
            progress.at("putting " + now + " in place", 0, 1);
        }
        move(decided.resolve(Names.DATABASE), aside.resolve(Names.DATABASE));
        sync(staging, due);
        SecretFile.delete(decided.resolve(ASIDE));
        SecretFile.deleteTree(decided);
    }

    /** Where the old state was put; null before. */
    Path aside() {
        return aside;
    }

    /** What is to come still, the database last; what is there of the same names must go before. */
    private static List<String> due(Path state) throws IOException {
        List<String> due = new ArrayList<>(List.of(LEDGER, Names.INSTALLATION, Names.SIGNING_KEY, "tls"));
        Path telemetry = state.resolve(Names.TELEMETRY);
        if (Files.exists(telemetry)) {
            try (Stream<Path> files = Files.walk(telemetry)) {
                files.filter(Files::isRegularFile)
                        .map(file -> state.relativize(file).toString())
                        .filter(Names::isTelemetry)
                        .sorted()
                        .forEach(due::add);
            }
        }
        due.add(Names.DATABASE);
        due.removeIf(name -> !Files.exists(state.resolve(name)));
        return due;
    }

    /** The directories of these names. */
    private static void sync(Path root, List<String> names) throws IOException {
        SecretFile.syncDirectory(root);
        for (String name : names) {
            Path parent = root.resolve(name).getParent();
            if (!parent.equals(root) && Files.exists(parent)) {
                SecretFile.syncDirectory(parent);
            }
        }
    }

    private static void move(Path from, Path to) throws IOException {
        if (Files.exists(from)) {
            SecretFile.createDirectory(to.getParent());
            Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
        }
    }
}
