package io.lyftdata.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.exceptionfactory.jagged.RecipientStanzaReader;
import io.lyftdata.archive.Manifest.Member;
import io.lyftdata.crypto.Digests;
import io.lyftdata.crypto.SigningKey;
import io.lyftdata.testing.AgeKeys;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The file format (R15): whatever is not exactly what a server wrote is refused, and age and tar read what is. */
class ArchiveTest {
    private static final AgeKeys AGE = AgeKeys.generate();
    private static final Map<String, byte[]> MEMBERS = members();

    @TempDir
    static Path directory;

    private static SigningKey key;
    private static Path whole;
    private static Path forged;

    private static Map<String, byte[]> members() {
        Map<String, byte[]> members = new LinkedHashMap<>();
        members.put(Names.INSTALLATION, "0123\n".getBytes(StandardCharsets.UTF_8));
        members.put(Names.SETTINGS, new byte[0]);
        members.put(Names.SIGNING_KEY, new byte[512]);
        members.put("tls/ca.crt", new byte[513]);
        byte[] database = new byte[70_000];
        new Random(1).nextBytes(database);
        members.put(Names.DATABASE, database);
        return members;
    }

    private static Manifest manifest(Map<String, byte[]> members) {
        List<Member> list = new ArrayList<>();
        members.forEach((name, content) -> list.add(new Member(name, content.length, Digests.sha256Hex(content))));
        return new Manifest(
                Manifest.PURPOSE,
                "0123",
                Instant.parse("2026-11-27T03:00:00Z"),
                "1",
                "1",
                "sqlite",
                Map.of("workers", 1L),
                List.of(),
                1,
                null,
                null,
                list);
    }

    @BeforeAll
    static void write() throws IOException {
        key = SigningKey.open(directory.resolve("signing.key"));
        whole = directory.resolve("whole.tar.age");
        forged = directory.resolve("forged.tar.age");
        try (OutputStream out = Files.newOutputStream(whole)) {
            new ArchiveWriter(key, List.of(AGE.recipient()))
                    .write(out, manifest(MEMBERS), member -> new ByteArrayInputStream(MEMBERS.get(member.name())));
        }
    }

    private static Map<String, byte[]> read(Path file) throws IOException {
        return read(file, Envelope.identities(AGE.identity()));
    }

    private static Map<String, byte[]> read(Path file, List<RecipientStanzaReader> identities) throws IOException {
        Map<String, ByteArrayOutputStream> found = new LinkedHashMap<>();
        new ArchiveReader(file, identities).read(signer -> signer.equals(key.fingerprint()), (manifest, member) -> {
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            found.put(member.name(), out);
            return out;
        });
        Map<String, byte[]> bytes = new LinkedHashMap<>();
        found.forEach((name, out) -> bytes.put(name, out.toByteArray()));
        return bytes;
    }

    private static void assertSame(Map<String, byte[]> found) {
        assertThat(found.keySet()).containsExactlyElementsOf(MEMBERS.keySet());
        found.forEach((name, content) -> assertThat(content).isEqualTo(MEMBERS.get(name)));
    }

    private static void assertRefused(String what, byte[] bytes) throws IOException {
        Files.write(forged, bytes);
        assertThatThrownBy(() -> read(forged)).as(what).isInstanceOf(BadBackup.class);
    }

    @Test
    void whatWasWrittenIsRead() throws IOException {
        assertSame(read(whole));
        assertThat(Envelope.recipients(whole)).isEqualTo(1);
    }

    @Test
    void noByteThatChangedOrIsMissingIsOverlooked() throws IOException {
        byte[] good = Files.readAllBytes(whole);
        int header = new String(good, StandardCharsets.ISO_8859_1).indexOf("--- ") + 48;
        for (int at = 0; at < header; at++) {
            for (int bit : new int[] {1, 0x80}) {
                assertRefused("header byte " + at, changed(good, at, bit));
            }
        }
        Random random = new Random(15);
        for (int i = 0; i < 1_000; i++) {
            int at = random.nextInt(good.length);
            assertRefused("byte " + at, changed(good, at, 1 + random.nextInt(255)));
        }
        for (int i = 0; i < 200; i++) {
            int length = random.nextInt(good.length);
            assertRefused("cut at " + length, Arrays.copyOf(good, length));
        }
        int payload = header + 16;
        for (int length = payload; length < good.length; length += 65_536 + 16) {
            assertRefused("cut between chunks at " + length, Arrays.copyOf(good, length));
        }
        assertRefused("one byte more", Arrays.copyOf(good, good.length + 1));
        assertRefused("twice", twice(good));
    }

    private static byte[] changed(byte[] good, int at, int bits) {
        byte[] bad = good.clone();
        bad[at] ^= (byte) bits;
        return bad;
    }

    private static byte[] twice(byte[] good) {
        byte[] bad = Arrays.copyOf(good, good.length * 2);
        System.arraycopy(good, 0, bad, good.length, good.length);
        return bad;
    }

    @Test
    void anotherIdentityDoesNotOpenIt() {
        assertThatThrownBy(
                        () -> read(whole, Envelope.identities(AgeKeys.generate().identity())))
                .isInstanceOf(BadBackup.class)
                .hasMessageContaining("another recipient");
    }

    @Test
    void anotherSignerIsNotBelieved() throws IOException {
        SigningKey other = SigningKey.open(directory.resolve("other.key"));
        try (OutputStream out = Files.newOutputStream(forged)) {
            new ArchiveWriter(other, List.of(AGE.recipient()))
                    .write(out, manifest(MEMBERS), member -> new ByteArrayInputStream(MEMBERS.get(member.name())));
        }
        assertThatThrownBy(() -> read(forged)).isInstanceOf(BadBackup.class).hasMessageContaining(other.fingerprint());
    }

    /** What an archive may hold in the place of, before or behind a member. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Forgery(String what, byte[] header, byte[] content) {
        private static Forgery of(String what, String name, int type, String link) {
            return of(what, TarWriter.header("x", 0, 0), name, type, link, new byte[0]);
        }

        private static Forgery of(String what, byte[] header, String name, int type, String link, byte[] content) {
            Arrays.fill(header, 0, 100, (byte) 0);
            byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
            System.arraycopy(bytes, 0, header, 0, Math.min(100, bytes.length));
            header[156] = (byte) type;
            byte[] target = link.getBytes(StandardCharsets.UTF_8);
            System.arraycopy(target, 0, header, 157, target.length);
            return new Forgery(what, summed(header), content);
        }

        private static byte[] summed(byte[] header) {
            byte[] sum = String.format("%06o", TarWriter.sum(header)).getBytes(StandardCharsets.US_ASCII);
            System.arraycopy(sum, 0, header, 148, 6);
            return header;
        }
    }

    private static List<Forgery> forgeries() {
        List<Forgery> forgeries = new ArrayList<>();
        for (String name : List.of(
                "../evil",
                "../../../../etc/cron.d/evil",
                "/etc/passwd",
                "//etc/passwd",
                "tls/../../evil",
                "tls/../control.db",
                "./control.db",
                "control.db/",
                "control.db\u0000.txt",
                "",
                ".",
                "..",
                "tls",
                "tls/",
                "tls/..",
                "tls\\..\\evil",
                "C:\\evil",
                "ledger",
                "admin.token",
                "admin-password",
                "CONTROL.DB",
                "control.db ",
                "tls/sub/ca.key",
                "x".repeat(100))) {
            forgeries.add(Forgery.of("name " + name, name, '0', ""));
        }
        forgeries.add(Forgery.of("hard link", "control.db", '1', "/etc/shadow"));
        forgeries.add(Forgery.of("symbolic link", "control.db", '2', "/etc/shadow"));
        forgeries.add(Forgery.of("symbolic link to a directory", "tls", '2', "/etc"));
        forgeries.add(Forgery.of("character device", "control.db", '3', ""));
        forgeries.add(Forgery.of("block device", "control.db", '4', ""));
        forgeries.add(Forgery.of("directory", "tls/", '5', ""));
        forgeries.add(Forgery.of("pipe", "control.db", '6', ""));
        forgeries.add(Forgery.of("contiguous file", "control.db", '7', ""));
        forgeries.add(Forgery.of("extended header", "PaxHeader", 'x', ""));
        forgeries.add(Forgery.of("global extended header", "PaxHeader", 'g', ""));
        forgeries.add(Forgery.of("long name", "././@LongLink", 'L', ""));
        forgeries.add(Forgery.of("long link", "././@LongLink", 'K', ""));
        forgeries.add(Forgery.of("sparse file", "control.db", 'S', ""));
        forgeries.add(Forgery.of("multi-volume", "control.db", 'M', ""));
        forgeries.add(Forgery.of("volume label", "label", 'V', ""));
        forgeries.add(Forgery.of("regular file with a link", "control.db", '0', "/etc/shadow"));
        forgeries.add(bomb("bomb in octal", (1L << 33) - 1));
        forgeries.add(bomb("bomb in base 256", 1L << 60));
        byte[] prefixed = TarWriter.header("x", 0, 0);
        prefixed[345] = '/';
        forgeries.add(Forgery.of("prefix", prefixed, "control.db", '0', "", new byte[0]));
        byte[] negative = TarWriter.header("x", 0, 0);
        Arrays.fill(negative, 124, 136, (byte) 0xff);
        forgeries.add(Forgery.of("negative size", negative, "control.db", '0', "", new byte[0]));
        return forgeries;
    }

    private static Forgery bomb(String what, long size) {
        return Forgery.of(what, TarWriter.header("x", size, 0), "control.db", '0', "", new byte[1024]);
    }

    /** Signed by the right key, which no forger has, so that the archive alone decides. */
    @Test
    void noForgedArchiveIsTaken() throws IOException {
        List<Forgery> forgeries = forgeries();
        assertThat(forgeries).hasSizeGreaterThanOrEqualTo(40);
        for (Forgery forgery : forgeries) {
            for (int place = 0; place <= MEMBERS.size(); place++) {
                byte[] file = forge(forgery, place, false);
                assertRefused(forgery.what() + " before member " + place, file);
                assertRefused(forgery.what() + " instead of member " + place, forge(forgery, place, true));
            }
        }
    }

    @Test
    void noMemberComesTwiceOrUnderANameThatLeadsElsewhere() throws IOException {
        Map<String, byte[]> escaping = new LinkedHashMap<>(MEMBERS);
        escaping.put("../evil", new byte[1]);
        assertRefused("a signed name that leads elsewhere", sealed(tar(manifest(escaping), escaping, null, 0, false)));
        Map<String, byte[]> lacking = new LinkedHashMap<>(MEMBERS);
        lacking.remove(Names.SIGNING_KEY);
        assertRefused("no signing key", sealed(tar(manifest(lacking), lacking, null, 0, false)));
        for (String name : MEMBERS.keySet()) {
            byte[] content = MEMBERS.get(name);
            Forgery again = new Forgery(name, TarWriter.header(name, content.length, 0), padded(content));
            for (int place = 0; place <= MEMBERS.size(); place++) {
                assertRefused("a second " + name + " before member " + place, forge(again, place, false));
            }
        }
    }

    private static byte[] forge(Forgery forgery, int place, boolean instead) throws IOException {
        return sealed(tar(manifest(MEMBERS), MEMBERS, forgery, place, instead));
    }

    private static byte[] tar(
            Manifest manifest, Map<String, byte[]> members, Forgery forgery, int place, boolean instead)
            throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        byte[] signed = Signed.of(manifest, key).text().getBytes(StandardCharsets.UTF_8);
        out.write(TarWriter.header(Names.MANIFEST, signed.length, 0));
        out.write(padded(signed));
        int number = 0;
        for (Map.Entry<String, byte[]> member : members.entrySet()) {
            if (number == place && forgery != null) {
                out.write(forgery.header());
                out.write(forgery.content());
            }
            if (number != place || !instead) {
                out.write(TarWriter.header(member.getKey(), member.getValue().length, 0));
                out.write(padded(member.getValue()));
            }
            number++;
        }
        if (number == place && forgery != null) {
            out.write(forgery.header());
            out.write(forgery.content());
        }
        out.write(new byte[1024]);
        return out.toByteArray();
    }

    private static byte[] padded(byte[] content) {
        return Arrays.copyOf(content, (content.length + 511) / 512 * 512);
    }

    private static byte[] sealed(byte[] tar) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (OutputStream sealed = Envelope.seal(out, List.of(AGE.recipient()))) {
            sealed.write(tar);
        }
        return out.toByteArray();
    }

    @Test
    void sizesAboveEightGigabytesAreKept() throws IOException {
        long large = 123_456_789_012L;
        TarReader reader = new TarReader(new ByteArrayInputStream(TarWriter.header("control.db", large, 0)));
        assertThat(reader.next()).contains(new TarReader.Entry("control.db", large));
    }

    @Test
    void ageAndTarOpenItAndWhatTheyMakeOfItIsRead() throws Exception {
        assumeTrue(run("age", "--version") == 0, "Debian's age is not installed");
        Path identity = Files.writeString(directory.resolve("identity"), AGE.identity());
        Path out = Files.createDirectory(directory.resolve("out"));
        assertThat(run("sh", "-c", "age -d -i " + identity + " " + whole + " | tar x -C " + out))
                .isZero();
        for (Map.Entry<String, byte[]> member : MEMBERS.entrySet()) {
            assertThat(Files.readAllBytes(out.resolve(member.getKey()))).isEqualTo(member.getValue());
        }
        assertThat(Files.readString(out.resolve("manifest")).lines()).hasSize(2);
        String names = Stream.concat(Stream.of(Names.MANIFEST), MEMBERS.keySet().stream())
                .reduce((some, more) -> some + " " + more)
                .orElseThrow();
        for (String format : List.of("gnu", "ustar")) {
            assertThat(run(
                            "sh",
                            "-c",
                            "tar c --format=" + format + " -C " + out + " " + names + " | age -r " + AGE.recipient()
                                    + " > " + forged))
                    .isZero();
            assertSame(read(forged));
        }
    }

    private static int run(String... command) throws InterruptedException {
        try {
            return new ProcessBuilder(command).inheritIO().start().waitFor();
        } catch (IOException e) {
            return -1;
        }
    }
}
