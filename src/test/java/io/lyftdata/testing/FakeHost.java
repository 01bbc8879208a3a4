package io.lyftdata.testing;

import io.lyftdata.host.Host;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;

/** A machine as files: what a server reads of {@code /proc}, {@code /sys} and {@code /etc}. */
public final class FakeHost {
    private final Path root;

    /** A hardened one: an account of its own, an encrypted volume, room for a fleet. */
    public FakeHost(Path root) throws IOException {
        this.root = root;
        account(998);
        openFiles("65536");
        put("/proc/swaps", "Filename Type Size Used Priority\n");
        put("/proc/self/cgroup", "0::/system.slice/lyftdata-server.service\n");
        put("/sys/dev/block/253:7/dm/uuid", "CRYPT-LUKS2-0123456789abcdef-lyftdata\n");
        put("/sys/dev/block/8:1/partition", "1\n");
        mount("253:7", "/", "ext4", "/dev/mapper/lyftdata");
        unit("[Service]\nUser=lyftdata\nLoadCredential=enrollment:/etc/lyftdata/enrollment\n");
    }

    public Host host() {
        return new Host(root);
    }

    public Path put(String absolute, String content) throws IOException {
        Path file = root.resolve(absolute.substring(1));
        Files.createDirectories(file.getParent());
        return Files.writeString(file, content);
    }

    public void account(int uid) throws IOException {
        put(
                "/proc/self/status",
                "Name:\tjava\nUid:\t" + uid + "\t" + uid + "\t" + uid + "\t" + uid + "\nGid:\t0\t0\t0\t0\n");
    }

    public void openFiles(String limit) throws IOException {
        put(
                "/proc/self/limits",
                "Limit                     Soft Limit           Hard Limit           Units\n"
                        + "Max open files            " + limit + "                 1048576              files\n");
    }

    /** The one file system there is. */
    public void mount(String device, String point, String type, String source) throws IOException {
        put("/proc/self/mountinfo", "22 27 0:21 / /proc rw,relatime - proc proc rw\n");
        mountToo(device, point, type, source);
    }

    /** One more. */
    public void mountToo(String device, String point, String type, String source) throws IOException {
        Path mounts = root.resolve("proc/self/mountinfo");
        Files.writeString(
                mounts,
                "27 1 " + device + " / " + point.replace(" ", "\\040") + " rw,relatime shared:1 - " + type + " "
                        + source + " rw\n",
                StandardOpenOption.APPEND);
    }

    /** The server's systemd unit. */
    public Path unit(String content) throws IOException {
        return put("/etc/systemd/system/lyftdata-server.service", content);
    }

    /** A file that the unit's service reads its environment from. */
    public Path environmentFile(String mode, String content) throws IOException {
        Path file = put("/etc/lyftdata/server.env", content);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(mode));
        return file;
    }
}
