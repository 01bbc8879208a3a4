package io.lyftdata.server;

import io.lyftdata.agent.Agent;
import io.lyftdata.config.BadSetting;
import io.lyftdata.config.HostPort;
import io.lyftdata.crypto.SecretFile;
import io.lyftdata.settings.Settings;
import io.lyftdata.settings.Snapshot;
import java.io.IOException;
import java.net.BindException;
import java.net.URI;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A server that serves until it is closed: first it says {@code draining}, then open requests finish, then it ends. */
public final class RunningServer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(RunningServer.class);
    private static final long DRAIN_MILLIS = TimeUnit.SECONDS.toMillis(2);

    private final Server server;
    private final Ground ground;
    private final Readiness readiness;
    private final Settings settings;
    private final Path tokenFile;
    private Optional<Agent> builtInWorker = Optional.empty();
    private volatile boolean hasFailed;

    RunningServer(Server server, Ground ground, Readiness readiness, Settings settings, Path tokenFile) {
        this.server = server;
        this.ground = ground;
        this.readiness = readiness;
        this.settings = settings;
        this.tokenFile = tokenFile;
    }

    /** @param found what is in force from now on */
    void open(ServerConfig config, Snapshot found) throws IOException {
        try {
            server.setStopAtShutdown(false);
            server.start();
            settings.found(found);
            readiness.ready();
            tellHowToReachIt();
            recordOrWarn("start", settings::started);
        } catch (Exception e) {
            stop();
            if (hasCause(e, BindException.class)) {
                throw new BadSetting("bind-address " + config.bindAddress() + " or admin-bind-address "
                        + config.adminBindAddress() + " cannot be used: another program listens there, or the address"
                        + " is not this host's");
            }
            throw new IOException("the server did not start", e);
        }
    }

    private void tellHowToReachIt() {
        String pin = ground.tls().pin().orElse("none: clients know its authority");
        LOG.info("ready: API at {}, admin connector at {}, the authority's pin is {}", url(), adminUrl(), pin);
        LOG.info(
                "to start a worker, put a secret from `lyftdata enrollment enable` into a private file and run:"
                        + " LYFTDATA_AUTO_ENROLLMENT_KEY_FILE=FILE java -jar lyftdata.jar worker --url {}{}",
                url(),
                url().getScheme().equals("https")
                        ? ground.tls().pin().map(known -> " --tls-pin " + known).orElse("")
                        : "");
    }

    void employ(Optional<Agent> worker) {
        builtInWorker = worker;
    }

    private static boolean hasCause(Throwable error, Class<? extends Throwable> type) {
        for (Throwable cause = error; cause != null; cause = cause.getCause()) {
            if (type.isInstance(cause)) {
                return true;
            }
        }
        return false;
    }

    /** Where this host's clients reach the API. */
    public URI url() {
        ServerConnector api = connector("application");
        String scheme = api.getDefaultProtocol().startsWith("SSL") ? "https" : "http";
        return URI.create(scheme + "://" + new HostPort(reachable(api.getHost()), api.getLocalPort()));
    }

    private static String reachable(String host) {
        return switch (host) {
            case "0.0.0.0" -> "127.0.0.1";
            case "::" -> "::1";
            default -> host;
        };
    }

    /** Where the admin connector listens. */
    public URI adminUrl() {
        return URI.create("http://127.0.0.1:" + connector("admin").getLocalPort());
    }

    /** What clients pin; empty text when the served chain does not end with its root. */
    public String pin() {
        return ground.tls().pin().orElse("");
    }

    private ServerConnector connector(String name) {
        return Arrays.stream(server.getConnectors())
                .map(ServerConnector.class::cast)
                .filter(connector -> connector.getName().equals(name))
                .findFirst()
                .orElseThrow();
    }

    /** Waits until the server has ended. */
    public void join() throws InterruptedException {
        server.join();
    }

    /** Tells load balancers to go elsewhere, and gives them two seconds. */
    public void drain() throws InterruptedException {
        readiness.draining();
        TimeUnit.MILLISECONDS.sleep(DRAIN_MILLIS);
    }

    /** Ends the server, since it can no longer promise that what it answers stays so. */
    void fail() {
        LOG.error("the disk did not take a write to the ledger or the database, so the server ends; see that the disk"
                + " works, then start it again");
        hasFailed = true;
        readiness.draining();
        new Thread(
                        () -> {
                            try {
                                server.stop();
                            } catch (Exception e) {
                                LOG.warn("the server did not stop cleanly", e);
                            }
                        },
                        "stop")
                .start();
    }

    /** Whether it ended because it had to. */
    public boolean hasFailed() {
        return hasFailed;
    }

    private void stop() throws IOException {
        try {
            server.stop();
        } catch (Exception e) {
            LOG.warn("the server did not stop cleanly", e);
        }
        SecretFile.delete(tokenFile);
    }

    /** A start with known settings and a stop change nothing, so they need no record to happen. */
    private static void recordOrWarn(String what, Runnable record) {
        try {
            record.run();
        } catch (RuntimeException e) {
            LOG.warn("the audit log has no record of this {}", what, e);
        }
    }

    @Override
    public void close() throws IOException {
        readiness.draining();
        builtInWorker.ifPresent(Agent::close);
        stop();
        if (!hasFailed) {
            recordOrWarn("stop", settings::stopped);
        }
        ground.close();
    }
}
