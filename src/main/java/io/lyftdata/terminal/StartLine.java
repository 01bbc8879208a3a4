package io.lyftdata.terminal;

import io.lyftdata.client.ApiClient;
import io.lyftdata.client.Trust;
import java.util.stream.Collectors;

/** The line that starts a worker which trusts the same server; the secret comes from a file, never from the line. */
public final class StartLine {
    private StartLine() {}

    /** For a worker that was added by hand. */
    public static String ofWorker(ApiClient api, String workerId) {
        return "LYFTDATA_WORKER_API_KEY_FILE=worker.key " + worker(api) + " --worker-id " + workerId;
    }

    /** For a worker that enrolls itself. */
    public static String ofEnrollment(ApiClient api) {
        return "LYFTDATA_AUTO_ENROLLMENT_KEY_FILE=enrollment.key " + worker(api);
    }

    private static String worker(ApiClient api) {
        return "java -jar lyftdata.jar worker --url " + api.endpoint().url() + trust(api);
    }

    /** A pin from a server that nobody checked would be worth nothing. */
    private static String trust(ApiClient api) {
        Trust trust = api.endpoint().trust();
        if (!api.endpoint().isTls() || trust.equals(Trust.ofJvm())) {
            return "";
        }
        return " --tls-pin "
                + (trust.insecure()
                        ? "PIN"
                        : Authority.of(api).stream().map(Authority::pin).collect(Collectors.joining(",")));
    }
}
