package io.lyftdata.ledger;

import io.lyftdata.config.BadSetting;
import io.lyftdata.crypto.Digests;
import io.lyftdata.crypto.SecretFile;
import io.lyftdata.crypto.SigningKey;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** The file, read and proven line by line, and written anew. */
record LedgerFile(Path path, String installation, SigningKey key) {

    /**
     * What a file says.
     *
     * @param lines entries, those that no longer count included
     * @param length of the whole lines, in bytes
     */
    record Contents(State state, Position position, long lines, long length) {
        boolean isMostlySuperseded() {
            return lines > 2 * state.size();
        }
    }

    /** A new file whose chain continues from there. */
    void begin(Position from) throws IOException {
        SecretFile.write(path, Checkpoint.at(installation, from).line(key) + "\n");
    }

    /**
     * Proves every line.
     *
     * @param known what the database knows of the chain
     * @throws BadSetting when anything is wrong before the last line end, or the database knows another chain
     */
    Contents read(Optional<Position> known) throws IOException {
        Proof proof = new Proof(this, known);
        long length = forEachLine(proof::take);
        return proof.finish(length);
    }

    /** The same state in as few lines, as the file or not at all; what no longer counts is left out. */
    void compact(Contents contents) throws IOException {
        Fold fold = new Fold(contents.position().hash());
        forEachKept(contents.state(), fold::add);
        Checkpoint checkpoint = new Checkpoint(installation, contents.position(), fold.count, fold.hash);
        SecretFile.write(path, out -> {
            out.write(ascii(checkpoint.line(key)));
            forEachKept(contents.state(), line -> out.write(ascii(line.text())));
        });
    }

    private void forEachKept(State state, Each<Line> each) throws IOException {
        forEachLine((number, text) -> {
            Optional<Line> line = number == 1 ? Optional.empty() : Line.parse(text);
            if (line.isPresent() && line.get().entry().map(state::counts).orElse(true)) {
                each.take(line.get());
            }
        });
    }

    /** Hands over every whole line without its end; returns their length in bytes. */
    private long forEachLine(Numbered each) throws IOException {
        long length = 0;
        int number = 0;
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        try (InputStream in = new BufferedInputStream(Files.newInputStream(path), 1 << 16)) {
            for (int next = in.read(); next >= 0; next = in.read()) {
                if (next == '\n') {
                    length += line.size() + 1;
                    each.take(++number, line.toString(StandardCharsets.ISO_8859_1));
                    line.reset();
                } else {
                    line.write(next);
                }
            }
        }
        return length;
    }

    static byte[] ascii(String line) {
        return (line + "\n").getBytes(StandardCharsets.US_ASCII);
    }

    BadSetting refusal(String what) {
        return new BadSetting(path + " " + what + "; put the intact file back, or start once with --accept-ledger-loss,"
                + " which ends all sessions and tokens and makes every worker renew its key");
    }

    interface Each<T> {
        void take(T value) throws IOException;
    }

    private interface Numbered {
        void take(int number, String text) throws IOException;
    }

    /** Sums up hashes in their order. */
    static final class Fold {
        private String hash;
        private long count;

        Fold(String begin) {
            hash = begin;
        }

        void add(Line line) {
            hash = Digests.sha256Hex(hash + line.position().hash());
            count++;
        }

        boolean is(Checkpoint checkpoint) {
            return count == checkpoint.carried() && hash.equals(checkpoint.fold());
        }
    }
}
