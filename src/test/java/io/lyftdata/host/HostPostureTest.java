package io.lyftdata.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.lyftdata.config.HostPort;
import io.lyftdata.posture.Finding;
import io.lyftdata.testing.FakeHost;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is read of machine and process, each edge of it. */
class HostPostureTest {
    private static final List<String> VARIABLES = List.of("LYFTDATA_AUTO_ENROLLMENT_KEY", "LYFTDATA_DATABASE_URL");

    @TempDir
    Path directory;

    private FakeHost fake;
    private Path staging;

    @BeforeEach
    void plant() throws IOException {
        fake = new FakeHost(directory.resolve("host"));
        staging = Files.createDirectory(
                directory.resolve("staging"),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    }

    private List<Finding> disk() throws IOException {
        return new DiskEncryptionPostureCheck(fake.host(), List.of(staging)).find();
    }

    private List<Finding> unit() throws IOException {
        return new UnitEnvironmentPostureCheck(fake.host(), VARIABLES).find();
    }

    @ParameterizedTest
    @CsvSource({
        "127.0.0.1:3000, false",
        "'[::1]:3000', false",
        "10.1.2.3:3000, false",
        "172.31.0.1:3000, false",
        "192.168.7.7:3000, false",
        "100.64.0.1:3000, false",
        "169.254.1.1:3000, false",
        "'[fd12::1]:3000', false",
        "'[fe80::1]:3000', false",
        "0.0.0.0:3000, true",
        "'[::]:3000', true",
        "203.0.113.7:3000, true",
        "100.128.0.1:3000, true",
        "172.32.0.1:3000, true",
        "'[2001:db8::1]:3000', true"
    })
    void knowsWhichAddressesThePublicReaches(String address, boolean isFound) throws IOException {
        List<Finding> found = new BindAddressPostureCheck(HostPort.parse(address)).find();
        assertThat(found).hasSize(isFound ? 1 : 0);
    }

    @Test
    void rootIsRootAlsoWhenOnlySaved() throws IOException {
        assertThat(new RootAccountPostureCheck(fake.host(), staging).find()).isEmpty();
        fake.put("/proc/self/status", "Name:\tjava\nUid:\t1000\t1000\t0\t1000\n");
        assertThat(new RootAccountPostureCheck(fake.host(), staging).find()).hasSize(1);
        fake.put("/proc/self/status", "Name:\tjava\n");
        assertThatThrownBy(() -> new RootAccountPostureCheck(fake.host(), staging).find())
                .as("what cannot be read is no pass")
                .isInstanceOf(IOException.class);
    }

    @Test
    void aVolumeIsEncryptedWhereAllThatItLiesOnIs() throws IOException {
        assertThat(disk()).isEmpty();
        fake.put("/sys/dev/block/253:9/dm/uuid", "LVM-abc\n");
        fake.put("/sys/dev/block/253:9/slaves/dm-7/dm/uuid", "CRYPT-LUKS2-abc\n");
        fake.mount("253:9", "/", "xfs", "/dev/mapper/vg-data");
        assertThat(disk()).as("a logical volume on an encrypted one").isEmpty();
        fake.put("/sys/dev/block/253:9/slaves/sdb/partition", "1\n");
        assertThat(disk()).as("and on a plain disk too").hasSize(1);
        fake.mount("8:1", "/", "ext4", "/dev/sda1");
        assertThat(disk().get(0).sentence()).contains("/dev/sda1");
    }

    @Test
    void aFileSystemThatDoesNotTellIsAFinding() throws IOException {
        fake.mount("0:40", "/", "overlay", "overlay");
        assertThat(disk().get(0).sentence()).contains("cannot be told").contains("overlay");
        fake.put("/sys/class/block/dm-3/dm/uuid", "CRYPT-LUKS2-abc\n");
        fake.mount("0:41", "/", "btrfs", "/dev/dm-3");
        assertThat(disk())
                .as("btrfs has no number of its own, but names its device")
                .isEmpty();
        fake.mount("0:42", "/elsewhere", "ext4", "/dev/sda1");
        assertThatThrownBy(this::disk).isInstanceOf(IOException.class);
    }

    @Test
    void whatOnlyProvesItsDataIsNotEncrypted() throws IOException {
        fake.mount("253:3", "/", "ext4", "/dev/mapper/proven");
        fake.put("/sys/dev/block/253:3/slaves/sdb/size", "1\n");
        for (String kind : List.of("INTEGRITY", "VERITY")) {
            fake.put("/sys/dev/block/253:3/dm/uuid", "CRYPT-" + kind + "-0123-proven\n");
            assertThat(disk()).as(kind).hasSize(1);
        }
        fake.put("/sys/dev/block/253:3/slaves/dm-7/dm/uuid", "CRYPT-LUKS2-abc\n");
        assertThat(disk()).as("one of two").hasSize(1);
        Files.delete(fake.host().path("/sys/dev/block/253:3/slaves/sdb/size"));
        Files.delete(fake.host().path("/sys/dev/block/253:3/slaves/sdb"));
        assertThat(disk()).as("above what is encrypted").isEmpty();
    }

    @Test
    void everyDeviceOfABtrfsCounts() throws IOException {
        fake.put("/sys/class/block/dm-3/dm/uuid", "CRYPT-LUKS2-abc\n");
        fake.put("/sys/class/block/dm-3/dm/name", "lyftdata\n");
        fake.put("/sys/fs/btrfs/0d8f/devices/dm-3/size", "1\n");
        fake.put("/sys/fs/btrfs/features/raid56", "0\n");
        fake.mount("0:41", "/", "btrfs", "/dev/mapper/lyftdata");
        assertThat(disk()).as("the mapper's name is not the kernel's").isEmpty();
        fake.put("/sys/class/block/sdb/size", "1\n");
        fake.put("/sys/fs/btrfs/0d8f/devices/sdb/size", "1\n");
        assertThat(disk()).as("half of it lies on a plain disk").hasSize(1);
    }

    @Test
    void memoryIsNoDiskUnlessItIsSwapped() throws IOException {
        fake.mount("0:43", "/", "tmpfs", "tmpfs");
        assertThat(disk()).isEmpty();
        fake.put("/proc/swaps", "Filename Type Size Used Priority\n/dev/sda2 partition 1 0 -2\n");
        assertThat(disk()).hasSize(1);
    }

    @Test
    void aSecretInTheUnitIsFoundWhereverTheUnitHasIt() throws IOException {
        assertThat(unit()).isEmpty();
        fake.unit("[Service]\nEnvironment=LYFTDATA_AUTO_ENROLLMENT_KEY_FILE=/run/key LYFTDATA_LOG_LEVEL=info\n");
        assertThat(unit()).as("the name of a file is no secret").isEmpty();
        fake.put(
                "/etc/systemd/system/lyftdata-server.service.d/local.conf",
                "[Service]\nEnvironment=\"LYFTDATA_DATABASE_URL=jdbc:postgresql://db/x?password=y\"\n");
        assertThat(unit())
                .extracting(Finding::subject)
                .singleElement()
                .asString()
                .endsWith("local.conf LYFTDATA_DATABASE_URL");
        fake.put("/proc/self/cgroup", "0::/user.slice/user-1000.slice/session-3.scope\n");
        assertThat(unit()).as("no unit started it").isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"rw-r-----", "rw----r--", "rw-rw-rw-"})
    void anOpenEnvironmentFileIsFoundWithItsChmod(String mode) throws IOException {
        fake.unit("[Service]\nEnvironmentFile=-/etc/lyftdata/server.env\n");
        Path file = fake.environmentFile(mode, "LYFTDATA_LOG_LEVEL=info\n");
        assertThat(unit()).as("nothing secret is in it").isEmpty();
        fake.environmentFile(mode, "LYFTDATA_AUTO_ENROLLMENT_KEY=secret\n");
        assertThat(unit()).extracting(Finding::remedy).containsExactly("chmod 600 " + file);
        fake.environmentFile("rw-------", "LYFTDATA_AUTO_ENROLLMENT_KEY=secret\n");
        assertThat(unit()).isEmpty();
    }

    @Test
    void directoriesOfBackupsAreLookedAtWhereverTheyLie() throws IOException {
        Path backups = directory.resolve("the operator's backups");
        List<Path> places = List.of(staging, backups, Files.createDirectory(directory.resolve("beside")));
        DiskEncryptionPostureCheck encryption = new DiskEncryptionPostureCheck(fake.host(), places);
        FileModesPostureCheck modes = new FileModesPostureCheck(staging, List.of(backups));
        fake.mountToo("8:1", backups.toString(), "ext4", "/dev/sda1");
        assertThat(encryption.find()).as("it is not mounted").isEmpty();
        assertThat(modes.find()).isEmpty();
        Files.createDirectory(backups);
        Files.setPosixFilePermissions(backups, PosixFilePermissions.fromString("rwxr-x---"));
        assertThat(encryption.find())
                .extracting(Finding::subject, Finding::sentence)
                .containsExactly(tuple(backups.toString(), "it lies on /dev/sda1, which is not encrypted"));
        assertThat(modes.find())
                .extracting(Finding::remedy)
                .containsExactly("chmod 700 '" + directory + "/the operator'\\''s backups'");
        fake.mount("8:1", "/", "ext4", "/dev/sda1");
        fake.mountToo("8:1", backups.toString(), "ext4", "/dev/sda1");
        assertThat(encryption.find())
                .as("one file system is one finding, also where a sandbox mounts it again")
                .hasSize(1);
    }

    @Test
    void eachDiskThatIsFullIsFoundOnce() throws IOException {
        Path memory = Path.of("/dev/shm");
        List<Path> outside = List.of(Files.createDirectory(directory.resolve("beside")), memory);
        assertThat(new DiskUsePostureCheck(staging, outside, () -> 100).find()).isEmpty();
        List<Finding> found = new DiskUsePostureCheck(staging, outside, () -> -1).find();
        assertThat(found).extracting(Finding::subject).containsExactly(staging.toString(), memory.toString());
        assertThat(found)
                .extracting(Finding::remedy)
                .as("days of logs go by themselves before a disk is this full, so fewer to keep mend nothing")
                .noneMatch(remedy -> remedy.contains("retention"));
    }

    @Test
    void linksAndOpenDirectoriesAreFound() throws Exception {
        Path tls = Files.createDirectory(staging.resolve("tls"));
        Files.setPosixFilePermissions(tls, PosixFilePermissions.fromString("rwxr-x---"));
        Path elsewhere = Files.writeString(directory.resolve("a key"), "secret");
        Files.setPosixFilePermissions(elsewhere, PosixFilePermissions.fromString("rw-------"));
        Files.createSymbolicLink(staging.resolve("logs"), elsewhere);
        Files.createSymbolicLink(staging.resolve("lost"), directory.resolve("nowhere"));
        FileModesPostureCheck check = new FileModesPostureCheck(staging, List.of());
        List<Finding> found = check.find();
        assertThat(found)
                .extracting(Finding::subject)
                .containsExactly(
                        staging.resolve("logs").toString(),
                        staging.resolve("lost").toString(),
                        tls.toString());
        for (Finding one : found) {
            Process shell = new ProcessBuilder("sh", "-c", one.remedy().split(";", 2)[0]).start();
            assertThat(shell.waitFor()).as(one.remedy()).isZero();
        }
        assertThat(check.find()).isEmpty();
        assertThat(staging.resolve("logs")).hasContent("secret");
    }
}
