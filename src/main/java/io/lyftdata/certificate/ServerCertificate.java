package io.lyftdata.certificate;

import io.dropwizard.jetty.SslReload;
import io.lyftdata.api.Code;
import io.lyftdata.api.Refusal;
import io.lyftdata.api.certificate.Serving;
import io.lyftdata.api.certificate.Swap;
import io.lyftdata.audit.Action;
import io.lyftdata.audit.Audit;
import io.lyftdata.audit.Event;
import io.lyftdata.auth.Caller;
import io.lyftdata.config.BadSetting;
import io.lyftdata.crypto.CoveredNames;
import io.lyftdata.db.Database;
import java.io.UncheckedIOException;
import java.time.Clock;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The certificate that is served, and its replacement without a lost request: prepare, prove (a dry run on the
 * connector), place, activate, with its record. Whatever is wrong with a replacement, the present one goes on. Safe for
 * use by many threads.
 */
public final class ServerCertificate {
    private static final Logger LOG = LoggerFactory.getLogger(ServerCertificate.class);
    private static final String NOTICED = "certificate";

    private final Source source;
    private final Database database;
    private final Audit audit;
    private final Clock clock;

    private volatile Material serving;
    private volatile Material offered;
    private volatile Optional<String> trouble = Optional.empty();
    private List<SslReload> connectors = List.of();

    /** @throws BadSetting when there is no material that can be served */
    public ServerCertificate(Source source, Database database, Audit audit, Clock clock) {
        this.source = source;
        this.database = database;
        this.audit = audit;
        this.clock = clock;
        this.serving = source.open();
        this.offered = serving;
        audit.notice(Action.CERTIFICATE_ISSUED, NOTICED, serving.fingerprint());
    }

    /** Where it is served from now on; nowhere for a server behind a proxy that has the certificate. */
    public synchronized void serveOn(Collection<SslReload> found) {
        connectors = List.copyOf(found);
    }

    /** For the connector, when it is told to read it. */
    public Material offered() {
        return offered;
    }

    public Material material() {
        return serving;
    }

    public boolean isGiven() {
        return source.name().equals("given");
    }

    /** Whether it is nowhere served, for the certificate that clients see is a proxy's. */
    public synchronized boolean isServedElsewhere() {
        return connectors.isEmpty();
    }

    /** What is wrong with the last replacement, which is not served; empty when nothing is. */
    public Optional<String> trouble() {
        return trouble;
    }

    public long daysLeft() {
        return serving.daysLeft(clock.instant());
    }

    public Serving show() {
        Material now = serving;
        return new Serving(
                source.name(),
                CoveredNames.of(now.leaf()).all(),
                now.begin(),
                now.end(),
                now.daysLeft(clock.instant()),
                now.fingerprint(),
                trouble.orElse(null));
    }

    /**
     * Serves another one, since somebody asks for it: one of our own is issued, given files are read anew.
     *
     * @throws Refusal {@code unprocessable} when the replacement cannot be served, {@code conflict} when there is none
     */
    public synchronized Swap rotate(Caller caller) {
        refuseWithoutTls();
        return tried(caller, () -> Optional.of(source.next(serving)));
    }

    /**
     * Serves what is due: changed files, or an own one that needs renewal.
     *
     * @throws Refusal {@code unprocessable} when it cannot be served
     */
    public synchronized Swap reload(Caller caller) {
        refuseWithoutTls();
        return tried(caller, () -> source.due(serving));
    }

    /**
     * The same in two steps, for whoever has more to change: on return it is proved, and the answer activates it.
     *
     * @throws BadSetting when it cannot be served
     */
    public synchronized Runnable prepare(Caller caller) {
        if (connectors.isEmpty()) {
            return () -> {};
        }
        Optional<Material> next = source.due(serving);
        next.ifPresent(this::prove);
        return () -> next.ifPresent(material -> swap(caller, material));
    }

    private void refuseWithoutTls() {
        if (connectors.isEmpty()) {
            throw new Refusal(
                    Code.CONFLICT, "this server speaks plain HTTP (disable-tls): the certificate is its proxy's");
        }
    }

    private Swap tried(Caller caller, Supplier<Optional<Material>> wanted) {
        try {
            Optional<Material> next = wanted.get();
            next.ifPresent(material -> {
                prove(material);
                swap(caller, material);
            });
            trouble = Optional.empty();
            return new Swap(next.isPresent(), serving.fingerprint(), serving.end());
        } catch (BadSetting e) {
            fail(e.getMessage());
            throw new Refusal(Code.UNPROCESSABLE, "the present certificate goes on being served: " + e.getMessage());
        } catch (UncheckedIOException e) {
            fail("the new certificate could not be written to the staging directory: look at its disk");
            throw new Refusal(Code.UNAVAILABLE, trouble.orElseThrow()).because(e);
        }
    }

    /** Says it once, and keeps it for the health check. */
    synchronized void fail(String sentence) {
        if (trouble.filter(sentence::equals).isEmpty()) {
            LOG.warn("a new certificate is not served, the present one goes on: {}", sentence);
        }
        trouble = Optional.of(sentence);
    }

    private void prove(Material next) {
        offered = next;
        try {
            for (SslReload connector : connectors) {
                connector.reloadDryRun();
            }
        } catch (Exception e) {
            throw new BadSetting("the TLS engine of this Java platform does not take it: give another kind of key");
        } finally {
            offered = serving;
        }
    }

    private synchronized void swap(Caller caller, Material next) {
        Material before = serving;
        Event event = Event.of(Action.CERTIFICATE_ROTATED, next.fingerprint())
                .change(NOTICED, before.fingerprint(), next.fingerprint())
                .set("source", source.name())
                .set("notAfter", next.end().toString());
        try {
            database.write(tx -> {
                audit.notice(tx, caller, event, NOTICED, next.fingerprint());
                source.place(next);
                activate(next);
                return null;
            });
        } catch (RuntimeException e) {
            if (serving.equals(next)) {
                activate(before);
            }
            throw e;
        }
        LOG.info(
                "the server certificate was replaced by {}: {}, until {}", caller.id(), next.fingerprint(), next.end());
    }

    private void activate(Material next) {
        offered = next;
        serving = next;
        try {
            for (SslReload connector : connectors) {
                connector.reload();
            }
        } catch (Exception e) {
            throw new IllegalStateException("a proved certificate was not taken", e);
        }
    }

    /** What the sweeper does: like {@link #reload}, but a replacement that fails is given until the next time. */
    synchronized Optional<String> sweep() {
        if (connectors.isEmpty()) {
            return Optional.empty();
        }
        try {
            Optional<Material> next = source.due(serving);
            next.ifPresent(material -> {
                prove(material);
                swap(Caller.server(), material);
            });
            trouble = Optional.empty();
            return Optional.empty();
        } catch (BadSetting e) {
            return Optional.of(e.getMessage());
        }
    }
}
