package io.lyftdata.archive;

import java.util.regex.Pattern;

/** The names that files in a backup can have; they are those of the staging directory. */
public final class Names {
    public static final String DATABASE = "control.db";
    public static final String INSTALLATION = "installation";
    public static final String SIGNING_KEY = "signing.key";
    /** What was in force, for people to read; secrets as fingerprints. */
    public static final String SETTINGS = "settings.json";
    /** The directory of certificates and their keys. */
    public static final String TLS = "tls/";

    /** Of the workers' logs, a file a day; with {@link #METRICS} in a backup only when it was asked for. */
    public static final String LOGS = "telemetry/logs/";

    /** The directory of both. */
    public static final String TELEMETRY = "telemetry";

    /** The newest metrics of each worker. */
    public static final String METRICS = "telemetry/metrics.db";

    /** Before all others. */
    static final String MANIFEST = "manifest";

    private static final Pattern TELEMETRY_NAME =
            Pattern.compile("telemetry/(metrics|logs/logs-\\d{4}-\\d{2}-\\d{2})\\.db");
    private static final Pattern NAME =
            Pattern.compile("control\\.db|installation|signing\\.key|settings\\.json|tls/[a-z0-9][a-z0-9._-]{0,60}");

    private Names() {}

    /** Whether a file of this name may be in a backup; none leads out of its directory. */
    public static boolean isName(String name) {
        return name != null && (NAME.matcher(name).matches() || isTelemetry(name)) && !name.contains("..");
    }

    /** Whether it is a file of the workers' logs or metrics. */
    public static boolean isTelemetry(String name) {
        return TELEMETRY_NAME.matcher(name).matches();
    }
}
