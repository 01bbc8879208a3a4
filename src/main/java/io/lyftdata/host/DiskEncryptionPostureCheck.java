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
import java.util.regex.Pattern;

/** Whether the volumes with the server's data are encrypted. */
public final class DiskEncryptionPostureCheck implements PostureCheck {
    private static final Rule RULE = new Rule(
            "disk-encryption",
            Severity.MEDIUM,
            "What the file systems of the staging directory, of `backup.directory` and of `backup.copies` lie on"
                    + " (`/proc/self/mountinfo`, `/sys/dev/block`): a block device that neither is dm-crypt nor lies on"
                    + " nothing else (dm-integrity and dm-verity do not count), and a file system of which that cannot"
                    + " be told, are findings. Memory (tmpfs) without swap is none.",
            "“Encrypt disks/volumes that store staging data, logs, and backups where possible.”",
            "Put the directory on a LUKS volume: `cryptsetup luksFormat DEVICE`, `cryptsetup open DEVICE"
                    + " lyftdata`, a file system on `/dev/mapper/lyftdata`, mounted where the directory is."
                    + " Encryption that the host cannot see (by a hypervisor, a disk, a file server or ZFS) is a reason"
                    + " for a waiver; for backups, so may be that each is sealed in itself.");

    /** What only proves its data has such a name too. */
    private static final Pattern CRYPT = Pattern.compile("CRYPT-(?!INTEGRITY|VERITY)");

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
                "with the server stopped, move it to a LUKS volume that is mounted there (cryptsetup luksFormat DEVICE;"
                        + " cryptsetup open DEVICE lyftdata; mkfs.ext4 /dev/mapper/lyftdata), or waive disk-encryption"
                        + " with the reason why it is encrypted all the same");
    }

    private Optional<String> objection(Mount mount) throws IOException {
        if (IN_MEMORY.contains(mount.type())) {
            boolean hasSwap = host.lines("/proc/swaps").size() > 1;
            return hasSwap ? Optional.of("it lies in memory that is swapped to a disk") : Optional.empty();
        }
        List<Path> devices = devices(mount);
        if (devices.isEmpty()) {
            return Optional.of("it cannot be told whether its file system (" + mount.type() + ") is encrypted");
        }
        return areEncrypted(devices, DEEPEST)
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

    /** Their directories below {@code /sys}; file systems with several devices or none have the number 0. */
    private List<Path> devices(Mount mount) throws IOException {
        Path byNumber = host.path("/sys/dev/block/" + mount.device());
        if (Files.isDirectory(byNumber)) {
            return List.of(byNumber);
        }
        if (!mount.source().startsWith("/dev/")) {
            return List.of();
        }
        Optional<Path> named = named(Path.of(mount.source()).getFileName().toString());
        return named.isPresent() ? ofBtrfs(named.get()) : List.of();
    }

    /** By the kernel's name, or by the device mapper's. */
    private Optional<Path> named(String name) throws IOException {
        Path all = host.path("/sys/class/block");
        if (Files.isDirectory(all.resolve(name))) {
            return Optional.of(all.resolve(name));
        }
        for (Path device : entries(all)) {
            Path mapped = device.resolve("dm/name");
            if (Files.exists(mapped) && Files.readString(mapped).strip().equals(name)) {
                return Optional.of(device);
            }
        }
        return Optional.empty();
    }

    /** A btrfs names one device where it is mounted, and may lie on more. */
    private List<Path> ofBtrfs(Path one) throws IOException {
        for (Path system : entries(host.path("/sys/fs/btrfs"))) {
            List<Path> members = entries(system.resolve("devices"));
            if (members.stream().anyMatch(member -> member.endsWith(one.getFileName()))) {
                return members.stream()
                        .map(member -> one.resolveSibling(member.getFileName()))
                        .toList();
            }
        }
        return List.of(one);
    }

    private static List<Path> entries(Path directory) throws IOException {
        List<Path> entries = new ArrayList<>();
        if (Files.isDirectory(directory)) {
            try (var all = Files.newDirectoryStream(directory)) {
                all.forEach(entries::add);
            }
        }
        return entries;
    }

    /** Each of them itself, or all that it lies on. */
    private static boolean areEncrypted(List<Path> devices, int depth) throws IOException {
        for (Path device : devices) {
            boolean isSealed =
                    isEncrypted(device) || (depth > 0 && areEncrypted(entries(device.resolve("slaves")), depth - 1));
            if (!isSealed) {
                return false;
            }
        }
        return !devices.isEmpty();
    }

    private static boolean isEncrypted(Path device) throws IOException {
        Path uuid = device.resolve("dm/uuid");
        return Files.exists(uuid) && CRYPT.matcher(Files.readString(uuid)).lookingAt();
    }
}
