package io.lyftdata.archive;

import com.exceptionfactory.jagged.RecipientStanzaReader;
import io.lyftdata.archive.Manifest.Member;
import io.lyftdata.crypto.Digests;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/**
 * Reads a backup once, from its beginning to its end. Nothing behind the manifest is looked at before the manifest's
 * signature is believed, and no more of a member is handed on than the manifest says it has.
 */
public final class ArchiveReader {
    private static final int LONGEST_MANIFEST = 1 << 20;
    private static final int BUFFER = 1 << 16;

    private final Path file;
    private final List<RecipientStanzaReader> identities;

    public ArchiveReader(Path file, List<RecipientStanzaReader> identities) {
        this.file = file;
        this.identities = List.copyOf(identities);
    }

    /** Where a member's content goes; it is closed behind its last byte. */
    public interface Sink {
        OutputStream open(Manifest manifest, Member member) throws IOException;
    }

    /**
     * Hands over all members. What was handed over counts only when this returns.
     *
     * @param believed whether a manifest counts that is signed by the key of this fingerprint
     * @throws BadBackup when anything about the file is wrong
     * @throws IOException when the sink does not take a member
     */
    public Manifest read(Predicate<String> believed, Sink sink) throws IOException {
        try (InputStream raw = new BufferedInputStream(Files.newInputStream(file), BUFFER);
                InputStream sealed = new Damage(Envelope.open(new Damage(raw), identities))) {
            TarReader tar = new TarReader(new BufferedInputStream(sealed, BUFFER));
            Manifest manifest = manifest(tar, believed);
            for (Member member : manifest.members()) {
                expect(tar, member.name(), member.size());
                try (OutputStream out = sink.open(manifest, member)) {
                    copy(tar, member, out);
                }
            }
            if (tar.next().isPresent()) {
                throw new BadBackup("its archive holds more than its manifest says");
            }
            return manifest;
        }
    }

    private static Manifest manifest(TarReader tar, Predicate<String> believed) throws IOException {
        Optional<TarReader.Entry> first = tar.next();
        if (first.isEmpty()
                || !first.get().name().equals(Names.MANIFEST)
                || first.get().size() > LONGEST_MANIFEST) {
            throw new BadBackup("its archive does not begin with a manifest");
        }
        ByteArrayOutputStream text = new ByteArrayOutputStream();
        byte[] buffer = new byte[BUFFER];
        for (int count = tar.read(buffer); count >= 0; count = tar.read(buffer)) {
            text.write(buffer, 0, count);
        }
        Signed signed = Signed.parse(text.toString(StandardCharsets.UTF_8));
        if (!believed.test(signed.signer())) {
            throw new BadBackup("it is signed by another installation's key, " + signed.signer());
        }
        return checked(signed.content(Manifest.class));
    }

    private static Manifest checked(Manifest manifest) {
        Set<String> names = new HashSet<>();
        boolean isWhole = Manifest.PURPOSE.equals(manifest.purpose())
                && manifest.installation() != null
                && manifest.createdAt() != null
                && manifest.schema() != null
                && manifest.members().stream()
                        .allMatch(member -> Names.isName(member.name())
                                && names.add(member.name())
                                && member.size() >= 0
                                && Digests.isSha256Hex(member.sha256()));
        if (!isWhole || !names.containsAll(Set.of(Names.DATABASE, Names.INSTALLATION, Names.SIGNING_KEY))) {
            throw new BadBackup("its manifest is not one that this version understands");
        }
        return manifest;
    }

    private static void expect(TarReader tar, String name, long size) throws IOException {
        TarReader.Entry next = tar.next().orElseThrow(() -> new BadBackup("its archive lacks " + name));
        if (!next.name().equals(name) || next.size() != size) {
            throw new BadBackup("its archive is not what its manifest says: where " + name + " should be is another");
        }
    }

    private static void copy(TarReader tar, Member member, OutputStream out) throws IOException {
        MessageDigest digest = Digests.newSha256();
        byte[] buffer = new byte[BUFFER];
        for (int count = tar.read(buffer); count >= 0; count = tar.read(buffer)) {
            digest.update(buffer, 0, count);
            out.write(buffer, 0, count);
        }
        if (!HexFormat.of().formatHex(digest.digest()).equals(member.sha256())) {
            throw new BadBackup(member.name() + " is not what its manifest says");
        }
    }

    /** Whatever reading meets is damage, since the sources are files; so a sink's failures stay apart. */
    private static final class Damage extends FilterInputStream {
        private Damage(InputStream in) {
            super(in);
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
            try {
                return super.read(bytes, offset, length);
            } catch (BadBackup e) {
                throw e;
            } catch (IOException | RuntimeException e) {
                throw new BadBackup("it is damaged or cut off");
            }
        }
    }
}
