package io.lyftdata.cli;

import io.lyftdata.api.AuditHead;
import io.lyftdata.api.audit.Entry;
import io.lyftdata.api.audit.Place;
import io.lyftdata.api.audit.SignedHead;
import io.lyftdata.api.audit.Verification;
import io.lyftdata.api.audit.Verification.Broken;
import io.lyftdata.api.audit.Verification.Fault;
import io.lyftdata.client.Json;
import io.lyftdata.crypto.ChainLink;
import io.lyftdata.crypto.ChainWalk;
import io.lyftdata.crypto.Identity;
import io.lyftdata.terminal.CommandFailure;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;

/** An exported audit log, which is verified without its server. For one thread. */
final class ExportedChain {
    private final Path file;

    ExportedChain(Path file) {
        this.file = file;
    }

    /** Where the server's signature over the export is kept. */
    static Path headOf(Path file) {
        return file.resolveSibling(file.getFileName() + ".head");
    }

    /** The head that lies beside the file. */
    SignedHead head() throws IOException {
        Path beside = headOf(file);
        if (!Files.exists(beside)) {
            throw new CommandFailure(beside + " is missing, and with it the server's signature: run lyftdata audit"
                    + " export --file " + file + " again, or leave --signer out");
        }
        SignedHead signed = Json.MAPPER.readValue(Files.readAllBytes(beside), SignedHead.class);
        if (signed.head() == null || !signed.head().hasShape()) {
            throw new CommandFailure(beside + " is damaged: run lyftdata audit export --file " + file + " again");
        }
        return signed;
    }

    /**
     * Computes each hash anew and follows the chain from the file's first record on.
     *
     * @param signer fingerprint of the key that must have signed the head beside the file; empty: none is asked for
     */
    Verification verify(Optional<String> signer) throws IOException {
        Optional<AuditHead> head = Optional.empty();
        if (signer.isPresent()) {
            SignedHead signed = head();
            head = Optional.of(signed.head());
            if (!isBy(signer.get(), signed)) {
                return new Verification(0, 0, 0, null, new Broken(signed.head().position(), Fault.UNSIGNED), null);
            }
        }
        ChainWalk walk = start();
        long first = walk.position() + 1;
        Broken broken = follow(walk, head);
        return new Verification(first, walk.position(), walk.position(), null, broken, null);
    }

    /** The last of the records before the first that is not from before the time; */
    Optional<Place> lastBefore(Instant end) throws IOException {
        Optional<Place> last = Optional.empty();
        try (BufferedReader lines = open()) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                Entry entry = Json.MAPPER.readValue(line, Entry.class);
                if (!entry.time().isBefore(end)) {
                    break;
                }
                last = Optional.of(new Place(entry.position(), entry.hash()));
            }
        }
        return last;
    }

    private static boolean isBy(String signer, SignedHead signed) {
        return signer.equals(Identity.fingerprint(signed.publicKey()))
                && Identity.verify(
                        signed.publicKey(),
                        signed.head().signedBytes(),
                        signed.head().signature());
    }

    /** What the first record stands on is taken on its word. */
    private ChainWalk start() throws IOException {
        try (BufferedReader lines = open()) {
            return Optional.ofNullable(lines.readLine())
                    .flatMap(ChainLink::of)
                    .map(link -> new ChainWalk(link.position() - 1, link.segment(), link.previous()))
                    .orElseThrow(() -> new CommandFailure(
                            file + " does not begin with a record: give a file that lyftdata audit export wrote"));
        }
    }

    private Broken follow(ChainWalk walk, Optional<AuditHead> head) throws IOException {
        try (BufferedReader lines = open()) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                Optional<ChainLink> link = ChainLink.of(line);
                if (link.isEmpty()) {
                    boolean isCut = !lines.ready() && !endsWithALine();
                    return new Broken(walk.position() + 1, isCut ? Fault.CUT : Fault.CHANGED);
                }
                if (!walk.follow(link.get())) {
                    return judge(walk, link.get(), line);
                }
                long here = walk.position();
                if (head.filter(signed ->
                                signed.position() == here && !signed.hash().equals(walk.hash()))
                        .isPresent()) {
                    return new Broken(here, Fault.UNSIGNED);
                }
            }
        }
        if (head.filter(signed -> signed.position() > walk.position()).isPresent()) {
            return new Broken(walk.position() + 1, Fault.MISSING);
        }
        return endsWithALine() ? null : new Broken(walk.position(), Fault.CUT);
    }

    private Broken judge(ChainWalk walk, ChainLink found, String foundLine) throws IOException {
        Optional<ChainLink> next = Optional.empty();
        boolean elsewhere = false;
        Optional<Long> earlier = Optional.empty();
        boolean isBehind = false;
        try (BufferedReader lines = open()) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                Optional<ChainLink> link = ChainLink.of(line);
                if (!isBehind && line.equals(foundLine)) {
                    isBehind = true;
                } else if (isBehind) {
                    next = next.or(() -> link);
                    elsewhere |= link.filter(other -> other.previous().equals(walk.hash()))
                            .isPresent();
                } else {
                    earlier = earlier.or(() -> link.filter(other -> other.hash().equals(found.previous()))
                            .map(ChainLink::position));
                }
            }
        }
        return walk.judge(found, foundLine, next, elsewhere, earlier);
    }

    private boolean endsWithALine() throws IOException {
        try (RandomAccessFile bytes = new RandomAccessFile(file.toFile(), "r")) {
            bytes.seek(Math.max(0, bytes.length() - 1));
            return bytes.read() == '\n';
        }
    }

    private BufferedReader open() throws IOException {
        return new BufferedReader(new InputStreamReader(Files.newInputStream(file), StandardCharsets.UTF_8));
    }
}
