package io.lyftdata.server;

import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Every sentence of the hardening page, with the checks that look at it and what no program can check of it. */
final class HardeningPage {
    /**
     * A sentence.
     *
     * @param checks ids of the checks that look at it
     * @param rest why a check cannot look at all of it; empty when it can
     */
    record Sentence(String text, List<String> checks, String rest) {}

    static final List<Sentence> SENTENCES = List.of(
            of(
                    "These practices harden a LyftData deployment so only trusted users and systems can interact with it.",
                    "The heading: what follows says how.",
                    "admin-password",
                    "token-expiry",
                    "token-unused"),
            of(
                    "LyftData serves HTTPS by default (self-signed if you do not provide TLS material).",
                    "The product does so by itself; the tests of the package `certificate` hold it.",
                    "tls-source",
                    "tls-expiry"),
            of(
                    "For production, install a trusted certificate (or terminate TLS behind a reverse proxy).",
                    "",
                    "tls-source",
                    "tls-strength"),
            of(
                    "Built-in TLS: run the server with --tls-cert and --tls-key (or LYFTDATA_TLS_CERT / LYFTDATA_TLS_KEY).",
                    "",
                    "tls-source",
                    "tls-expiry",
                    "tls-strength"),
            of(
                    "Reverse proxy: terminate TLS in a proxy and run the server with --disable-tls.",
                    "What TLS the proxy speaks is seen from outside only: `lyftdata certificate verify URL`.",
                    "tls-source"),
            of(
                    "Do not use insecure TLS in production: --tls-insecure / LYFTDATA_TLS_INSECURE applies to CLI and"
                            + " worker-to-server clients and is intended for evaluation/self-signed environments only.",
                    "A command line's own switch is not told to the server; it warns at each call instead.",
                    "worker-tls"),
            of(
                    "See Networking & TLS for end-to-end verification checks.",
                    "A reference; the end-to-end check is `lyftdata certificate verify URL`."),
            of("Keep the server bound to 127.0.0.1:3000 unless you explicitly need remote access.", "", "bind-address"),
            of(
                    "If you expose the server port, restrict it to management CIDRs (VPN/bastion) and block public"
                            + " networks.",
                    "What a firewall lets through is seen by root only: `firewall` of `ansible/posture.yml`.",
                    "bind-address"),
            of(
                    "Segment traffic where possible: separate control plane and worker hosts and allow only required"
                            + " ports.",
                    "Other hosts' ports are not seen from here: `firewall` of `ansible/posture.yml`.",
                    "built-in-worker"),
            of(
                    "sudo ufw default deny incoming; sudo ufw allow 22/tcp; sudo ufw allow from 10.0.0.0/8 to any port"
                            + " 3000 proto tcp; sudo ufw enable",
                    "Only root can read the firewall's rules, and the server is not to be root: `firewall` of"
                            + " `ansible/posture.yml`."),
            of(
                    "Run server and workers as dedicated service accounts with isolated data directories (see"
                            + " Prerequisites).",
                    "The account of a worker is seen on the worker's host only: `accounts` and `modes` of"
                            + " `ansible/posture.yml`.",
                    "root-account",
                    "file-modes"),
            of(
                    "Store secrets (admin bootstrap password, worker API keys) in service environment files with tight"
                            + " permissions.",
                    "Files on workers' hosts are seen there only: `modes` and `secrets` of `ansible/posture.yml`.",
                    "unit-environment",
                    "secret-arguments",
                    "file-modes",
                    "admin-password"),
            of(
                    "Encrypt disks/volumes that store staging data, logs, and backups where possible.",
                    "Disks of copies on other hosts are not seen from here.",
                    "disk-encryption"),
            of(
                    "Prefer unique API keys per worker and rotate them on a schedule.",
                    "",
                    "key-shared",
                    "key-age",
                    "key-unused"),
            of(
                    "Use auto-enrollment (LYFTDATA_AUTO_ENROLLMENT_KEY) only on trusted networks; rotate or disable the"
                            + " shared secret after provisioning.",
                    "Whether a network is trusted is for people to say.",
                    "enrollment-open",
                    "weak-secrets",
                    "bind-address"),
            of(
                    "Keep the server URL scheme consistent (https://… by default; http://… only when running the server"
                            + " with --disable-tls).",
                    "",
                    "worker-tls",
                    "tls-source"),
            of("See Worker Authentication for the tradeoffs.", "A reference."),
            of(
                    "If you need a trusted collector to scrape worker logs/metrics without an admin token, configure the"
                            + " server whitelist (--whitelist / LYFTDATA_API_WHITELIST) and keep the allowlist tight"
                            + " (specific source IPs only).",
                    "",
                    "allowlist-width",
                    "allowlist-unused"),
            of(
                    "This bypass applies only to selected worker read endpoints and still requires the Authorization:"
                            + " WHITELIST header.",
                    "The product does so by itself; a test calls every route with every credential."),
            of(
                    "Isolate impacted workers/servers from the network.",
                    "An act of people in an incident: `lyftdata workers isolate`."),
            of(
                    "Rotate worker API keys, auto-enrollment secrets, and TLS certificates.",
                    "An act of people in an incident; the checks see what was not rotated in time.",
                    "tls-expiry",
                    "enrollment-open",
                    "key-age"),
            of(
                    "Restore from a known-good backup (see Backup & recovery).",
                    "An act of people in an incident; the check sees whether there is one to restore.",
                    "backup-proven"),
            of(
                    "Review logs and recent configuration changes to determine cause and scope.",
                    "An act of people in an incident; the checks see whether the logs can be trusted and kept.",
                    "audit-log",
                    "worker-clock",
                    "disk-use"),
            of(
                    "Security is ongoing; integrate these hardening steps into your deployment automation and revisit"
                            + " them regularly.",
                    "The daily run does so by itself.",
                    "waivers"));

    private static final Pattern QUOTE = Pattern.compile("“([^”]*)”");

    private static final Pattern HOST_CHECK = Pattern.compile("`([a-z-]+)`");

    private HardeningPage() {}

    private static Sentence of(String text, String rest, String... checks) {
        return new Sentence(text, List.of(checks), rest);
    }

    /** The checks of {@code posture.yml} that a reason names. */
    static List<String> hostChecks(String rest) {
        return !rest.contains("`ansible/posture.yml`")
                ? List.of()
                : HOST_CHECK
                        .matcher(rest)
                        .results()
                        .map(match -> match.group(1))
                        .toList();
    }

    /** What a reason quotes of the page. */
    static List<String> quotes(String why) {
        return QUOTE.matcher(why).results().map(match -> match.group(1)).toList();
    }

    /** Whether the page says so, in either case and with or without the stop at the end. */
    static boolean says(String quote) {
        String page = SENTENCES.stream().map(Sentence::text).collect(Collectors.joining(" "));
        return page.toLowerCase(Locale.ROOT)
                .contains(quote.toLowerCase(Locale.ROOT).replaceFirst("\\.$", ""));
    }
}
