package io.lyftdata.agent;

import io.lyftdata.client.ApiClient;
import io.lyftdata.client.ApiFailure;
import io.lyftdata.client.Endpoint;
import io.lyftdata.client.Trust;
import io.lyftdata.config.Secret;
import io.lyftdata.crypto.KeyString;
import io.lyftdata.crypto.Randomness;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The way to the server: a kept bundle of authorities beats pins and CA file, but for pins that were given after it.
 * Used by one thread.
 */
final class ServerLink {
    private static final Logger LOG = LoggerFactory.getLogger(ServerLink.class);

    private final Endpoint configured;
    private final WorkerState state;
    private final String instance = Randomness.hex(128);
    private WorkerApi api;
    private String refusedRevision = "";

    /** @param state with identity and key made */
    ServerLink(Endpoint configured, WorkerState state) {
        this.configured = configured;
        this.state = state;
        this.api = open(
                state.bundle(), state.facts().map(WorkerState.Facts::knownPins).orElse(List.of()));
    }

    WorkerApi api() {
        return api;
    }

    /** From here on every call is under that key. */
    void use(KeyString key) {
        api = api.under(key);
    }

    /**
     * Fetches and keeps the server's bundle when its revision is another than that of the kept one. It is kept only when
     * it vouches for this very server, so a wrong one strands nobody.
     */
    void follow(String revision) {
        WorkerState.Facts facts = state.facts().orElseThrow();
        if (!isJudged()
                || revision == null
                || revision.equals(facts.caRevision())
                || revision.equals(refusedRevision)) {
            return;
        }
        try {
            adopt(revision, api.authorities(), facts);
        } catch (ApiFailure failure) {
            LOG.warn(
                    "the server's new CA bundle could not be fetched, the present trust stays: {}",
                    failure.getMessage());
        }
    }

    private void adopt(String revision, String bundle, WorkerState.Facts facts) {
        List<String> pins = Trust.pinsOf(bundle);
        List<String> replaced = replacedBy(pins, facts);
        if (pins.isEmpty() || !vouches(bundle)) {
            refusedRevision = revision;
            LOG.warn("the server's new CA bundle does not vouch for the server, the present trust stays");
            return;
        }
        state.saveBundle(bundle);
        state.save(facts.withBundle(revision, replaced));
        api = open(Optional.of(bundle), replaced);
        LOG.info("the server's CA bundle is kept in the jobs directory and trusted from now on: {}", pins);
    }

    /** By the bundle alone, on a connection of its own. */
    private boolean vouches(String bundle) {
        try {
            open(Optional.of(bundle), configured.trust().pins()).greet();
            return true;
        } catch (ApiFailure failure) {
            return false;
        }
    }

    /**
     * What an unproved server hands out is never kept; and the JVM's own store is not narrowed down to a bundle, since
     * its operator renews it by other ways.
     */
    private boolean isJudged() {
        Trust trust = configured.trust();
        boolean anchored = trust.caFile().isPresent()
                || !trust.pins().isEmpty()
                || state.bundle().isPresent();
        return configured.isTls() && !trust.insecure() && anchored;
    }

    /** Whatever was trusted before and is not in the new bundle; a pin that names it counts no more. */
    private List<String> replacedBy(List<String> pins, WorkerState.Facts facts) {
        Set<String> known = new LinkedHashSet<>(facts.knownPins());
        known.addAll(configured.trust().pins());
        state.bundle().map(Trust::pinsOf).ifPresent(known::addAll);
        pins.forEach(known::remove);
        return List.copyOf(known);
    }

    private WorkerApi open(Optional<String> bundle, List<String> replaced) {
        List<String> newer = new ArrayList<>(configured.trust().pins());
        newer.removeAll(replaced);
        Endpoint endpoint = bundle.filter(
                        pem -> configured.isTls() && !configured.trust().insecure())
                .map(pem -> configured.trusting(Trust.ofBundle(pem, newer)))
                .orElse(configured);
        return new WorkerApi(
                new ApiClient(endpoint), instance, new Secret(state.key().reveal()));
    }
}
