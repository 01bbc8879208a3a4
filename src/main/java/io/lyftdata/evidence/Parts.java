package io.lyftdata.evidence;

import io.lyftdata.archive.Manifest.Member;
import io.lyftdata.crypto.Digests;
import io.lyftdata.crypto.SecretFile;
import java.io.BufferedOutputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The archive's members on their way into it. Each stays open, and as long as it was when it came, so a log that goes on
 * growing or is rotated meanwhile is the same in manifest and archive. Used by one thread.
 */
final class Parts implements AutoCloseable {
    private final Path scratch;
    private final Map<String, FileChannel> channels = new LinkedHashMap<>();
    private final List<Member> members = new ArrayList<>();
    private final List<String> missing = new ArrayList<>();

    /** @param scratch an empty directory that is deleted afterwards */
    Parts(Path scratch) {
        this.scratch = scratch;
    }

    void write(String name, SecretFile.Content content) throws IOException {
        Path file = scratch.resolve(Integer.toString(members.size()));
        SecretFile.createEmpty(file);
        try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(file))) {
            content.writeTo(out);
        }
        take(name, file);
    }

    /** As it is now. */
    void take(String name, Path file) throws IOException {
        FileChannel channel = FileChannel.open(file);
        channels.put(name, channel);
        MessageDigest digest = Digests.newSha256();
        long size = channel.size();
        try (InputStream in = new DigestInputStream(new Front(channel, size), digest)) {
            in.transferTo(OutputStream.nullOutputStream());
        }
        members.add(new Member(name, size, HexFormat.of().formatHex(digest.digest())));
    }

    void lack(String name) {
        missing.add(name);
    }

    List<Member> members() {
        return List.copyOf(members);
    }

    List<String> missing() {
        return List.copyOf(missing);
    }

    InputStream open(Member member) throws IOException {
        return new Front(channels.get(member.name()), member.size());
    }

    @Override
    public void close() throws IOException {
        for (FileChannel channel : channels.values()) {
            channel.close();
        }
    }

    /** The first bytes of a file; to close it leaves the file open. */
    private static final class Front extends FilterInputStream {
        private long left;

        private Front(FileChannel file, long size) throws IOException {
            super(Channels.newInputStream(file.position(0)));
            left = size;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
            int count = left == 0 ? -1 : super.read(bytes, offset, (int) Math.min(length, left));
            left -= Math.max(0, count);
            return count;
        }

        @Override
        public void close() {
            // The next reader begins anew.
        }
    }
}
