package io.lyftdata.host;

import io.lyftdata.api.posture.Severity;
import io.lyftdata.posture.Finding;
import io.lyftdata.posture.PostureCheck;
import io.lyftdata.posture.Rule;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Whether other users of the host can read secrets in the server's systemd unit. */
public final class UnitEnvironmentPostureCheck implements PostureCheck {
    private static final Rule RULE = new Rule(
            "unit-environment",
            Severity.HIGH,
            "The systemd unit that the server runs in (`/proc/self/cgroup`), with its drop-ins: a secret in"
                    + " `Environment=`, which every user of the host can read by `systemctl show`, and an"
                    + " `EnvironmentFile=` with a secret that group or world can reach, are findings.",
            "“Store secrets (admin bootstrap password, worker API keys) in service environment files with tight"
                    + " permissions.”",
            "`chmod 600` on the file that the finding names; move a secret from `Environment=` into such a file, or"
                    + " better into `LoadCredential=` with the variable's `_FILE` form.");

    private static final List<String> UNITS = List.of(
            "/etc/systemd/system/",
            "/run/systemd/system/",
            "/usr/lib/systemd/system/",
            "/usr/local/lib/systemd/system/");
    private static final Pattern UNIT = Pattern.compile("/([^/]+\\.service)(/|$)");
    private static final Set<PosixFilePermission> OTHERS = Set.of(
            PosixFilePermission.GROUP_READ,
            PosixFilePermission.GROUP_WRITE,
            PosixFilePermission.OTHERS_READ,
            PosixFilePermission.OTHERS_WRITE);

    private final Host host;
    private final Pattern secret;

    /** @param variables the environment variables that hold secrets */
    public UnitEnvironmentPostureCheck(Host host, List<String> variables) {
        this.host = host;
        this.secret = Pattern.compile(
                "(?<![A-Z_])(" + variables.stream().map(Pattern::quote).collect(Collectors.joining("|")) + ")=");
    }

    @Override
    public Rule rule() {
        return RULE;
    }

    @Override
    public List<Finding> find() throws IOException {
        List<Finding> findings = new ArrayList<>();
        Optional<String> unit = unit();
        if (unit.isPresent()) {
            for (Path file : files(unit.get())) {
                for (String line : Files.readAllLines(file)) {
                    judge(file, line.strip()).ifPresent(findings::add);
                }
            }
        }
        return findings;
    }

    /** The innermost; empty for a server that no unit started. */
    private Optional<String> unit() throws IOException {
        String unit = null;
        for (String line : host.lines("/proc/self/cgroup")) {
            Matcher matcher = UNIT.matcher(line);
            while (matcher.find()) {
                unit = matcher.group(1);
            }
        }
        return Optional.ofNullable(unit);
    }

    private List<Path> files(String unit) throws IOException {
        List<Path> files = new ArrayList<>();
        for (String directory : UNITS) {
            Path file = host.path(directory + unit);
            if (Files.isRegularFile(file)) {
                files.add(file);
            }
            Path more = host.path(directory + unit + ".d");
            if (Files.isDirectory(more)) {
                try (Stream<Path> drops = Files.list(more)) {
                    drops.filter(drop -> drop.toString().endsWith(".conf"))
                            .sorted()
                            .forEach(files::add);
                }
            }
        }
        return files;
    }

    private Optional<Finding> judge(Path file, String line) throws IOException {
        Matcher named = secret.matcher(line);
        if (line.startsWith("Environment=") && named.find()) {
            String variable = named.group(1);
            return Optional.of(new Finding(
                    file + " " + variable,
                    "every user of this host can read it by systemctl show",
                    "in its place LoadCredential=" + variable + ":FILE and Environment=" + variable + "_FILE=%d/"
                            + variable + ", with a new secret in FILE (mode 0600)"));
        }
        return line.startsWith("EnvironmentFile=")
                ? judgeFile(
                        host.path(line.substring("EnvironmentFile=".length()).replaceFirst("^-?/*", "/")))
                : Optional.empty();
    }

    private Optional<Finding> judgeFile(Path file) throws IOException {
        boolean isOpen = Files.isRegularFile(file)
                && Files.getPosixFilePermissions(file).stream().anyMatch(OTHERS::contains);
        boolean holdsSecret = isOpen
                && Files.isReadable(file)
                && Files.readAllLines(file).stream()
                        .anyMatch(line -> secret.matcher(line).find());
        return holdsSecret
                ? Optional.of(new Finding(
                        file.toString(),
                        "it holds a secret, and group or world can reach it",
                        "chmod 600 " + Finding.word(file)))
                : Optional.empty();
    }
}
