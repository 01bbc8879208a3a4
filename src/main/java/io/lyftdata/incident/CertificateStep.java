package io.lyftdata.incident;

import io.lyftdata.api.certificate.RotateCa;
import io.lyftdata.authority.Succession;
import io.lyftdata.certificate.ServerCertificate;
import io.lyftdata.incident.Step.Outcome;
import io.lyftdata.incident.Step.Turn;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** Replaces the server's certificate and key, and the authority when its key may have leaked. */
public final class CertificateStep {
    private static final String FINGERPRINT = "fingerprint";
    private static final String PIN = "pin";

    private final ServerCertificate certificate;
    private final Optional<Succession> succession;

    /** @param succession only where clients see a certificate that this server signed */
    public CertificateStep(ServerCertificate certificate, Optional<Succession> succession) {
        this.certificate = certificate;
        this.succession = succession;
    }

    Step step() {
        return new Step("certificate", this::plan, this::before, this::replace);
    }

    String served() {
        return certificate.show().fingerprint();
    }

    private String plan(Incident incident) {
        Optional<RotateCa.State> underWay =
                succession.filter(some -> !some.isSettled()).map(Succession::show);
        if (underWay.isPresent()) {
            return lacking(underWay.get());
        }
        if (certificate.isServedElsewhere()) {
            return "asks for a new certificate at the proxy";
        }
        if (certificate.isGiven()) {
            return "serves the new certificate and key that are put at tls-cert and tls-key";
        }
        return incident.opening().replacesAuthority()
                ? "replaces the private CA, which changes the pin, and the certificate"
                : "makes a new server certificate and key; the pin stays";
    }

    private Map<String, Object> before(Incident incident) {
        Map<String, Object> before = new HashMap<>();
        before.put(FINGERPRINT, served());
        succession.ifPresent(some -> before.put(PIN, some.show().pin()));
        return before;
    }

    private Outcome replace(Turn turn) {
        if (certificate.isServedElsewhere()) {
            return Outcome.waiting(
                    "this server speaks plain HTTP: replace certificate and key at its proxy, then skip this step and"
                            + " say so",
                    Map.of());
        }
        boolean isAuthority = turn.incident().opening().replacesAuthority();
        return isAuthority && succession.isPresent() ? replaceAuthority(turn, succession.get()) : replaceLeaf(turn);
    }

    /**
     * Once another one than before is served, it is done. A given one may have been put in place, and served by itself,
     * since the incident was opened; one of our own that was renewed since then was so for its age.
     */
    private Outcome replaceLeaf(Turn turn) {
        Object before = certificate.isGiven()
                ? turn.incident().opening().certificate()
                : turn.before().get(FINGERPRINT);
        if (certificate.isGiven()) {
            certificate.reload(turn.caller());
        } else if (served().equals(before)) {
            certificate.rotate(turn.caller());
        }
        String now = served();
        if (now.equals(before)) {
            return Outcome.waiting(
                    "put a new certificate and key at tls-cert and tls-key, have the old one revoked where it was issued,"
                            + " and run this step again",
                    Map.of());
        }
        return Outcome.done("certificate " + now + " is served", Map.of("before", before, FINGERPRINT, now));
    }

    private static String lacking(RotateCa.State state) {
        return state.onlineWithout().size() + " online workers lack the new authority: " + state.advice();
    }

    /** Goes as far as it can without stranding an online worker. */
    private Outcome replaceAuthority(Turn turn, Succession ca) {
        Object before = turn.before().get(PIN);
        RotateCa.State state = ca.show();
        if (state.phase().equals("settled") && state.pin().equals(before)) {
            state = ca.take(turn.caller(), new RotateCa("prepare", null));
        }
        for (String next : new String[] {"activate", "retire"}) {
            boolean isNext = state.phase().equals(next.equals("activate") ? "prepared" : "activated");
            if (isNext && state.onlineWithout().isEmpty()) {
                state = ca.take(turn.caller(), new RotateCa(next, null));
            }
        }
        if (!state.phase().equals("settled")) {
            return Outcome.waiting(
                    lacking(state),
                    Map.of(
                            Incident.BY_ITSELF,
                            true,
                            "newPin",
                            state.phase().equals("prepared") ? state.otherPin() : state.pin()));
        }
        return Outcome.done(
                "the authority is another; new workers need the pin " + state.pin(),
                Map.of("before", before, PIN, state.pin()));
    }
}
