package io.lyftdata.host;

import io.lyftdata.api.posture.Severity;
import io.lyftdata.posture.Finding;
import io.lyftdata.posture.PostureCheck;
import io.lyftdata.posture.Rule;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Whether the volumes with the server's data are encrypted. */
public final class DiskEncryptionPostureCheck implements PostureCheck {
    private static final Rule RULE = new Rule(
            "disk-encryption",
            Severity.MEDIUM,
            "What the file systems of the staging directory, of `backup.directory` and of `backup.copies` lie on"
                    + " (`/proc/self/mountinfo`, `/sys/dev/block`): a block device that neither is dm-crypt nor lies on"
                    + " nothing else, and a file system of which that cannot be told, are findings. Memory (tmpfs)"
                    + " without swap is none.",
            "“Encrypt disks/volumes that store staging data, logs, and backups where possible.”",
            "Put the directory on a LUKS volume: `cryptsetup luksFormat DEVICE`, `cryptsetup open DEVICE"
                    + " lyftdata`, a file system on `/dev/mapper/lyftdata`, mounted where the directory is."
                    + " Encryption that the host cannot see (by a hypervisor, a disk, a file server or ZFS) is a reason"
                    + " for a waiver; for backups, so may be that each is sealed in itself.");

    private static final Set<String> IN_MEMORY = Set.of("tmpfs", "ramfs");
    private static final int DEEPEST = 16;

    private final Host host;
    private final List<Path> places;

    /** @param places directories; one that lies in the file system of an earlier one is not told of again */
    public DiskEncryptionPostureCheck(Host host, List<Path> places) {
        this.host = host;
        this.places = places;
    }

    /** A line of mountinfo. */
    private record Mount(Path point, String device, String type, String source) {}

    @Override
    public Rule rule() {
        return RULE;
    }

    @Override
    public List<Finding> find() throws IOException {
        List<Finding> findings = new ArrayList<>();
        Set<String> seen = new HashSet<>();
        for (Path place : places) {
            Mount mount = Files.isDirectory(place) ? mount(place.toRealPath()) : null;
            if (mount != null && seen.add(mount.device())) {
                objection(mount).map(sentence -> finding(place, sentence)).ifPresent(findings::add);
            }
        }
        return findings;
    }

    private static Finding finding(Path place, String sentence) {
        return new Finding(
                place.toString(),
                sentence,
                "move it to a LUKS volume (cryptsetup luksFormat), or waive disk-encryption with the reason why it is"
                        + " encrypted all the same");
    }

    private Optional<String> objection(Mount mount) throws IOException {
        if (IN_MEMORY.contains(mount.type())) {
            boolean hasSwap = host.lines("/proc/swaps").size() > 1;
            return hasSwap ? Optional.of("it lies in memory that is swapped to a disk") : Optional.empty();
        }
        Optional<Path> device = device(mount);
        if (device.isEmpty()) {
            return Optional.of("it cannot be told whether its file system (" + mount.type() + ") is encrypted");
        }
        return isEncrypted(device.get(), DEEPEST)
                ? Optional.empty()
                : Optional.of("it lies on " + mount.source() + ", which is not encrypted");
    }

    private Mount mount(Path place) throws IOException {
        Mount found = null;
        for (String line : host.lines("/proc/self/mountinfo")) {
            Mount mount = parse(line);
            boolean isNearer = found == null
                    || mount.point().getNameCount() >= found.point().getNameCount();
            if (place.startsWith(mount.point()) && isNearer) {
                found = mount;
            }
        }
        if (found == null) {
            throw new IOException("/proc/self/mountinfo does not tell where " + place + " lies");
        }
        return found;
    }

    private static Mount parse(String line) throws IOException {
        String[] halves = line.split(" - ", 2);
        String[] left = halves[0].split(" ", -1);
        String[] right = halves.length < 2 ? new String[0] : halves[1].split(" ", -1);
        if (left.length < 5 || right.length < 2) {
            throw new IOException("/proc/self/mountinfo has a line of another form");
        }
        String point = left[4].replace("\\040", " ").replace("\\011", "\t").replace("\\134", "\\");
        return new Mount(Path.of(point), left[2], right[0], right[1]);
    }

    /** The device's directory below {@code /sys}; file systems with several devices or none have the number 0. */
    private Optional<Path> device(Mount mount) {
        Path byNumber = host.path("/sys/dev/block/" + mount.device());
        Path byName = host.path("/sys/class/block/" + Path.of(mount.source()).getFileName());
        boolean isNamed = mount.source().startsWith("/dev/");
        return Files.isDirectory(byNumber)
                ? Optional.of(byNumber)
                : Optional.of(byName).filter(path -> isNamed && Files.isDirectory(path));
    }

    /** Itself, or all that it lies on. */
    private static boolean isEncrypted(Path device, int depth) throws IOException {
        Path uuid = device.resolve("dm/uuid");
        if (Files.exists(uuid) && Files.readString(uuid).startsWith("CRYPT-")) {
            return true;
        }
        Path below = device.resolve("slaves");
        List<Path> devices = new ArrayList<>();
        if (depth > 0 && Files.isDirectory(below)) {
            try (var links = Files.newDirectoryStream(below)) {
                links.forEach(devices::add);
            }
        }
        for (Path one : devices) {
            if (!isEncrypted(one, depth - 1)) {
                return false;
            }
        }
        return !devices.isEmpty();
    }
}
