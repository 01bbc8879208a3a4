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
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Conscrypt, whose handshakes cost half; where it cannot be used, the log says why and the JDK's TLS serves. */
public final class NativeTls {
    private static final Logger LOG = LoggerFactory.getLogger(NativeTls.class);

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
            SSLContext.getInstance("TLSv1.3", provider);
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
        return (Provider) loader.loadClass("org.conscrypt.OpenSSLProvider")
                .getConstructor()
                .newInstance();
    }

    private static String cause(Throwable e) {
        Throwable root = e;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return root.getClass().getSimpleName();
    }
}
