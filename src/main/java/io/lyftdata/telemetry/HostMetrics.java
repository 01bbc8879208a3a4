package io.lyftdata.telemetry;

import com.sun.management.OperatingSystemMXBean;
import com.sun.management.UnixOperatingSystemMXBean;
import io.lyftdata.crypto.SecretFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryUsage;
import java.lang.management.ThreadMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Set;
import oshi.hardware.CentralProcessor;
import oshi.hardware.GlobalMemory;
import oshi.hardware.HWDiskStore;
import oshi.hardware.HardwareAbstractionLayer;
import oshi.hardware.NetworkIF;
import oshi.software.os.OSFileStore;
import oshi.software.os.OperatingSystem;
import oshi.spi.SystemInfoProvider;

/**
 * What this host and this JVM are doing, under the names that node_exporter and the Prometheus Java client use. The
 * library is loaded at the first reading; on Linux it reads {@code /proc} and {@code /sys} and loads no native code.
 * For use by one thread.
 */
final class HostMetrics {
    private static final String COUNTER = "counter";
    private static final String GAUGE = "gauge";
    private static final Set<String> UNREAL =
            Set.of("tmpfs", "devtmpfs", "ramfs", "squashfs", "iso9660", "autofs", "nsfs", "efivarfs", "erofs");

    private final Path nativeDirectory;
    private HardwareAbstractionLayer hardware;
    private OperatingSystem system;

    /** @param nativeDirectory where native libraries are unpacked, on the systems that need any */
    HostMetrics(Path nativeDirectory) {
        this.nativeDirectory = nativeDirectory;
    }

    void collect(Exposition to) {
        if (hardware == null) {
            SystemInfoProvider provider = open();
            hardware = provider.getHardware();
            system = provider.getOperatingSystem();
        }
        processor(to, hardware.getProcessor());
        memory(to, hardware.getMemory());
        hardware.getDiskStores().forEach(disk -> disk(to, disk));
        hardware.getNetworkIFs(true).forEach(network -> network(to, network));
        system.getFileSystem().getFileStores(true).forEach(store -> fileSystem(to, store));
        to.family("node_boot_time_seconds", GAUGE, "When the host was booted, in seconds since 1970.")
                .add(system.getSystemBootTime());
    }

    private SystemInfoProvider open() {
        if (System.getProperty("os.name").equals("Linux")) {
            return new oshi.nativefree.SystemInfo();
        }
        try {
            SecretFile.createDirectory(nativeDirectory);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        System.setProperty("jna.tmpdir", nativeDirectory.toString());
        System.setProperty("jna.nosys", "true");
        return new oshi.SystemInfo();
    }

    private static void processor(Exposition to, CentralProcessor processor) {
        long[][] ticks = processor.getProcessorCpuLoadTicks();
        Exposition.Family seconds =
                to.family("node_cpu_seconds_total", COUNTER, "Seconds the CPUs spent in each mode.");
        for (int cpu = 0; cpu < ticks.length; cpu++) {
            for (CentralProcessor.TickType mode : CentralProcessor.TickType.values()) {
                String name = mode.name().toLowerCase(Locale.ROOT);
                seconds.add(ticks[cpu][mode.getIndex()] / 1000.0, "cpu", Integer.toString(cpu), "mode", name);
            }
        }
        to.family("machine_cpu_cores", GAUGE, "Logical CPUs.").add(processor.getLogicalProcessorCount());
        double[] load = processor.getSystemLoadAverage(3);
        String[] minutes = {"1", "5", "15"};
        for (int i = 0; i < load.length; i++) {
            if (load[i] >= 0) {
                to.family("node_load" + minutes[i], GAUGE, minutes[i] + "m load average.")
                        .add(load[i]);
            }
        }
    }

    private static void memory(Exposition to, GlobalMemory memory) {
        long swap = memory.getVirtualMemory().getSwapTotal();
        bytes(to, "node_memory_MemTotal_bytes", "Physical memory.", memory.getTotal());
        bytes(to, "node_memory_MemAvailable_bytes", "Memory available to programs.", memory.getAvailable());
        bytes(to, "node_memory_SwapTotal_bytes", "Swap space.", swap);
        bytes(
                to,
                "node_memory_SwapFree_bytes",
                "Swap space that is free.",
                swap - memory.getVirtualMemory().getSwapUsed());
    }

    private static void bytes(Exposition to, String name, String help, long value) {
        to.family(name, GAUGE, help).add(value);
    }

    private static void disk(Exposition to, HWDiskStore disk) {
        String device = disk.getName().replaceFirst("^/dev/", "");
        if (device.matches("(?:loop|ram|zram)\\d+")) {
            return;
        }
        count(to, "node_disk_reads_completed_total", "Reads completed.", disk.getReads(), device);
        count(to, "node_disk_read_bytes_total", "Bytes read.", disk.getReadBytes(), device);
        count(to, "node_disk_writes_completed_total", "Writes completed.", disk.getWrites(), device);
        count(to, "node_disk_written_bytes_total", "Bytes written.", disk.getWriteBytes(), device);
        to.family("node_disk_io_time_seconds_total", COUNTER, "Seconds with work under way.")
                .add(disk.getTransferTime() / 1000.0, "device", device);
    }

    private static void network(Exposition to, NetworkIF network) {
        String device = network.getName();
        String prefix = "node_network_";
        count(to, prefix + "receive_bytes_total", "Bytes received.", network.getBytesRecv(), device);
        count(to, prefix + "receive_packets_total", "Packets received.", network.getPacketsRecv(), device);
        count(to, prefix + "receive_errs_total", "Errors in receiving.", network.getInErrors(), device);
        count(to, prefix + "receive_drop_total", "Packets dropped in receiving.", network.getInDrops(), device);
        count(to, prefix + "transmit_bytes_total", "Bytes sent.", network.getBytesSent(), device);
        count(to, prefix + "transmit_packets_total", "Packets sent.", network.getPacketsSent(), device);
        count(to, prefix + "transmit_errs_total", "Errors in sending.", network.getOutErrors(), device);
    }

    private static void count(Exposition to, String name, String help, long value, String device) {
        to.family(name, COUNTER, help).add(value, "device", device);
    }

    private static void fileSystem(Exposition to, OSFileStore store) {
        if (UNREAL.contains(store.getType()) || store.getTotalSpace() <= 0) {
            return;
        }
        String[] labels = {"device", store.getVolume(), "fstype", store.getType(), "mountpoint", store.getMount()};
        to.family("node_filesystem_size_bytes", GAUGE, "Size of the file system.")
                .add(store.getTotalSpace(), labels);
        to.family("node_filesystem_free_bytes", GAUGE, "Free, with what only root may use.")
                .add(store.getFreeSpace(), labels);
        to.family("node_filesystem_avail_bytes", GAUGE, "Free for everybody.").add(store.getUsableSpace(), labels);
    }

    /** This process: needs no library, so it is there even when the host's cannot be read. */
    static void collectProcess(Exposition to) {
        area(to, "heap", ManagementFactory.getMemoryMXBean().getHeapMemoryUsage());
        area(to, "nonheap", ManagementFactory.getMemoryMXBean().getNonHeapMemoryUsage());
        for (GarbageCollectorMXBean collector : ManagementFactory.getGarbageCollectorMXBeans()) {
            to.family("jvm_gc_collection_seconds", "summary", "Time spent collecting garbage.")
                    .addSummary(
                            collector.getCollectionCount(),
                            collector.getCollectionTime() / 1000.0,
                            "gc",
                            collector.getName());
        }
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        to.family("jvm_threads_current", GAUGE, "Live threads.").add(threads.getThreadCount());
        to.family("jvm_threads_daemon", GAUGE, "Live daemon threads.").add(threads.getDaemonThreadCount());
        to.family("process_start_time_seconds", GAUGE, "When the process started, in seconds since 1970.")
                .add(ManagementFactory.getRuntimeMXBean().getStartTime() / 1000.0);
        if (ManagementFactory.getOperatingSystemMXBean() instanceof OperatingSystemMXBean process) {
            to.family("process_cpu_seconds_total", COUNTER, "CPU time of the process.")
                    .add(process.getProcessCpuTime() / 1e9);
        }
        if (ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean process) {
            to.family("process_open_fds", GAUGE, "Open file descriptors.").add(process.getOpenFileDescriptorCount());
            to.family("process_max_fds", GAUGE, "Most file descriptors that may be open.")
                    .add(process.getMaxFileDescriptorCount());
        }
        resident(to);
    }

    private static void area(Exposition to, String area, MemoryUsage usage) {
        to.family("jvm_memory_used_bytes", GAUGE, "Memory in use.").add(usage.getUsed(), "area", area);
        to.family("jvm_memory_committed_bytes", GAUGE, "Memory held by the JVM.")
                .add(usage.getCommitted(), "area", area);
        to.family("jvm_memory_max_bytes", GAUGE, "Most memory the area may hold; -1: no bound.")
                .add(usage.getMax(), "area", area);
    }

    private static void resident(Exposition to) {
        try {
            for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
                if (line.startsWith("VmRSS:")) {
                    to.family("process_resident_memory_bytes", GAUGE, "Resident memory of the process.")
                            .add(Long.parseLong(line.replaceAll("\\D", "")) * 1024);
                }
            }
        } catch (IOException e) {
            // Not Linux: the other samples do without.
        }
    }
}
