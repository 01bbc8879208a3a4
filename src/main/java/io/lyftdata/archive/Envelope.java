package io.lyftdata.archive;

import com.exceptionfactory.jagged.RecipientStanzaReader;
import com.exceptionfactory.jagged.RecipientStanzaWriter;
import com.exceptionfactory.jagged.UnsupportedRecipientStanzaException;
import com.exceptionfactory.jagged.framework.crypto.CipherKey;
import com.exceptionfactory.jagged.framework.format.StandardPayloadKeyWriter;
import com.exceptionfactory.jagged.framework.stream.StandardDecryptingChannelFactory;
import com.exceptionfactory.jagged.x25519.X25519RecipientStanzaReaderFactory;
import com.exceptionfactory.jagged.x25519.X25519RecipientStanzaWriterFactory;
import io.lyftdata.config.BadSetting;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** The age format (age-encryption.org/v1) to X25519 recipients: who has no identity can neither read nor change it. */
public final class Envelope {
    private static final String VERSION = "age-encryption.org/v1";
    private static final Pattern STANZA = Pattern.compile("-> [!-~]+( [!-~]+)*");
    private static final Pattern BODY = Pattern.compile("[A-Za-z0-9+/]{0,64}");
    private static final Pattern MAC = Pattern.compile("--- [A-Za-z0-9+/]{43}");
    private static final int LONGEST_HEADER = 64 * 1024;

    private Envelope() {}

    /** @throws BadSetting for what is no recipient */
    public static void checkRecipient(String recipient) {
        writer(recipient);
    }

    private static RecipientStanzaWriter writer(String recipient) {
        try {
            return X25519RecipientStanzaWriterFactory.newRecipientStanzaWriter(recipient);
        } catch (GeneralSecurityException | RuntimeException e) {
            throw new BadSetting("backup.recipients: write age X25519 public keys, which begin with age1;"
                    + " age-keygen prints one beside the private key that it makes");
        }
    }

    /**
     * Identities from the text of a file that age-keygen wrote.
     *
     * @throws BadSetting when it holds none
     */
    public static List<RecipientStanzaReader> identities(String text) {
        List<RecipientStanzaReader> identities = new ArrayList<>();
        for (String line : text.lines().map(String::strip).toList()) {
            if (!line.isEmpty() && !line.startsWith("#")) {
                identities.add(identity(line));
            }
        }
        if (identities.isEmpty()) {
            throw noIdentity();
        }
        return identities;
    }

    private static RecipientStanzaReader identity(String line) {
        try {
            return X25519RecipientStanzaReaderFactory.newRecipientStanzaReader(line);
        } catch (GeneralSecurityException | RuntimeException e) {
            throw noIdentity();
        }
    }

    private static BadSetting noIdentity() {
        return new BadSetting("--identity: give the file that age-keygen wrote; its key begins with AGE-SECRET-KEY-1");
    }

    /** What is written there can be read by any of the recipients; closing it closes the other. */
    static OutputStream seal(OutputStream out, List<String> recipients) throws IOException {
        List<RecipientStanzaWriter> writers =
                recipients.stream().map(Envelope::writer).toList();
        try {
            ByteBuffer header = ByteBuffer.allocate(LONGEST_HEADER);
            CipherKey key = new StandardPayloadKeyWriter().writeFileHeader(header, writers);
            out.write(header.array(), 0, header.position());
            return new Sealing(out, key);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this Java platform has no ChaCha20-Poly1305", e);
        }
    }

    /**
     * What was sealed; reading it may throw anything when it is damaged.
     *
     * @throws BadBackup when none of the identities opens it, or its header is damaged
     */
    static InputStream open(InputStream in, List<RecipientStanzaReader> identities) {
        try {
            return Channels.newInputStream(
                    new StandardDecryptingChannelFactory().newDecryptingChannel(Channels.newChannel(in), identities));
        } catch (UnsupportedRecipientStanzaException e) {
            throw new BadBackup("it is sealed for another recipient: give the identity that belongs to one of its own");
        } catch (BadBackup e) {
            throw e;
        } catch (GeneralSecurityException | IOException | RuntimeException e) {
            throw new BadBackup("it is damaged in its age header, or sealed for another recipient");
        }
    }

    /**
     * Reads the header as far as anybody can without an identity.
     *
     * @return how many recipients can open the file
     * @throws BadBackup when it has none
     */
    public static int recipients(Path file) throws IOException {
        String[] lines;
        try (InputStream in = Files.newInputStream(file)) {
            lines = new String(in.readNBytes(LONGEST_HEADER), StandardCharsets.ISO_8859_1).split("\n", -1);
        }
        int recipients = 0;
        for (int i = 0; i < lines.length - 1; i++) {
            if (MAC.matcher(lines[i]).matches() && recipients > 0) {
                return recipients;
            }
            boolean isStanza = STANZA.matcher(lines[i]).matches();
            boolean fits = i == 0
                    ? lines[i].equals(VERSION)
                    : isStanza || (recipients > 0 && BODY.matcher(lines[i]).matches());
            if (!fits) {
                break;
            }
            recipients += isStanza ? 1 : 0;
        }
        throw new BadBackup("it does not begin with an age header");
    }
}
