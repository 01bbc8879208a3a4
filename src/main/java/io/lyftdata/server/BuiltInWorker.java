package io.lyftdata.server;

import io.lyftdata.agent.Agent;
import io.lyftdata.agent.AgentConfig;
import io.lyftdata.api.Workers.Add;
import io.lyftdata.apikey.ApiKeys;
import io.lyftdata.auth.Caller;
import io.lyftdata.client.Endpoint;
import io.lyftdata.client.Trust;
import io.lyftdata.config.BadSetting;
import io.lyftdata.config.HostPort;
import io.lyftdata.config.Secret;
import io.lyftdata.worker.Worker;
import java.net.URI;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A worker like any other, by the same protocol, that happens to live in the server's process: for evaluation. */
final class BuiltInWorker {
    private static final Logger LOG = LoggerFactory.getLogger(BuiltInWorker.class);
    private static final String ID = "built-in";

    private BuiltInWorker() {}

    /** Empty when it cannot start, which the log explains; the server goes on without it. */
    static Optional<Agent> start(URI server, Ground ground, Features features, Clock clock) {
        boolean tls = server.getScheme().equals("https");
        if (tls
                && !ground.tls()
                        .certificate()
                        .material()
                        .covers(HostPort.parse(server.getAuthority()).host())) {
            LOG.warn(
                    "the built-in worker does not start: the certificate is not for {}; start a worker of its own",
                    server.getHost());
            return Optional.empty();
        }
        Endpoint endpoint = new Endpoint(
                server, ground.tls().pin().filter(pin -> tls).map(Trust::ofPins).orElseGet(Trust::ofJvm));
        Path jobs = ground.staging().path("worker");
        try {
            AgentConfig config = new AgentConfig(
                    endpoint,
                    Optional.of(ID),
                    bootstrapKey(ground, features),
                    ID,
                    Optional::empty,
                    jobs,
                    AgentConfig.DEFAULT_METRICS_INTERVAL,
                    Map.of(),
                    List.of(),
                    List.of());
            Agent agent = Agent.open(config, clock, System::nanoTime);
            agent.start();
            return Optional.of(agent);
        } catch (BadSetting e) {
            LOG.warn("the built-in worker did not start: {}", e.getMessage());
            return Optional.empty();
        }
    }

    /** Only a worker without an identity needs one; it is kept in memory. */
    private static Optional<Secret> bootstrapKey(Ground ground, Features features) {
        Optional<Worker> known = ground.database().read(tx -> features.workers().find(tx, ID));
        if (known.flatMap(Worker::boundIdentity).isPresent()) {
            return Optional.empty();
        }
        ApiKeys keys = features.keys().all();
        var issued = known.isPresent()
                ? keys.issue(Caller.server(), ID)
                : keys.addWorker(Caller.server(), new Add(ID, Map.of()));
        return Optional.of(new Secret(issued.key()));
    }
}
