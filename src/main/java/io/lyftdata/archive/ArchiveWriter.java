package io.lyftdata.archive;

import io.lyftdata.archive.Manifest.Member;
import io.lyftdata.crypto.SigningKey;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;

/** Writes a sealed archive: its signed manifest, and the members in its order. */
public final class ArchiveWriter {
    private final SigningKey key;
    private final List<String> recipients;

    /** @param recipients age X25519 public keys, at least one */
    public ArchiveWriter(SigningKey key, List<String> recipients) {
        this.key = key;
        this.recipients = List.copyOf(recipients);
    }

    /** Where a member's content comes from. */
    public interface Content {
        InputStream open(Member member) throws IOException;
    }

    /** Writes all of a backup and closes {@code out}. */
    public void write(OutputStream out, Manifest manifest, Content content) throws IOException {
        write(out, manifest, manifest.createdAt(), manifest.members(), content);
    }

    /** The same with a manifest of another kind, which names the members. */
    public void write(OutputStream out, Object manifest, Instant createdAt, List<Member> members, Content content)
            throws IOException {
        long time = createdAt.getEpochSecond();
        byte[] signed = Signed.of(manifest, key).text().getBytes(StandardCharsets.UTF_8);
        try (TarWriter tar = new TarWriter(Envelope.seal(out, recipients))) {
            tar.add(Names.MANIFEST, signed.length, time, new ByteArrayInputStream(signed));
            for (Member member : members) {
                try (InputStream in = content.open(member)) {
                    tar.add(member.name(), member.size(), time, in);
                }
            }
        }
    }
}
