package io.lyftdata.certificate;

import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.Provider;
import java.security.Security;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Conscrypt, whose handshakes cost half; where it cannot be used, the log says why and the JDK's TLS serves. */
public final class NativeTls {
    private static final Logger LOG = LoggerFactory.getLogger(NativeTls.class);
    private static final String PACKAGE = "org.conscrypt.";

    private NativeTls() {}

    /**
     * The name under which it is registered, behind all others; empty when the JDK's own TLS serves.
     *
     * @param jar {@code conscrypt-openjdk-uber}; null: none is wanted
     */
    public static Optional<String> load(Path jar) {
        if (jar == null) {
            return Optional.empty();
        }
        try {
            Provider provider = provider(jar);
            SSLContext context = SSLContext.getInstance("TLSv1.3", provider);
            context.init(null, null, null);
            resume(context.createSSLEngine());
            Security.addProvider(provider);
            LOG.info("TLS is served by Conscrypt, from {}", jar);
            return Optional.of(provider.getName());
        } catch (ReflectiveOperationException
                | GeneralSecurityException
                | MalformedURLException
                | LinkageError
                | RuntimeException e) {
            LOG.warn(
                    "tls-conscrypt: {} cannot be used ({}), and the JDK's own TLS serves: give a"
                            + " conscrypt-openjdk-uber jar for this platform, or leave the setting out",
                    jar,
                    Files.isReadable(jar) ? cause(e) : "it is no file that this user may read");
            return Optional.empty();
        }
    }

    @SuppressWarnings("resource") // Its classes are loaded for as long as the server serves.
    private static Provider provider(Path jar) throws ReflectiveOperationException, MalformedURLException {
        URLClassLoader loader =
                new URLClassLoader(new URL[] {jar.toUri().toURL()}, ClassLoader.getPlatformClassLoader());
        return (Provider)
                loader.loadClass(PACKAGE + "OpenSSLProvider").getConstructor().newInstance();
    }

    /** Has clients resume their sessions by tickets (RFC 8446, 2.2; RFC 5077), which Conscrypt gives out only when asked. */
    static void resume(SSLEngine engine) {
        if (!engine.getClass().getName().startsWith(PACKAGE)) {
            return;
        }
        try {
            engine.getClass()
                    .getClassLoader()
                    .loadClass(PACKAGE + "Conscrypt")
                    .getMethod("setUseSessionTickets", SSLEngine.class, boolean.class)
                    .invoke(null, engine, true);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("this Conscrypt has no session tickets", e);
        }
    }

    private static String cause(Throwable e) {
        Throwable root = e;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return root.getClass().getSimpleName();
    }
}
