package io.lyftdata.cli;

import io.lyftdata.agent.Agent;
import io.lyftdata.agent.AgentConfig;
import io.lyftdata.agent.WorkerLogging;
import io.lyftdata.agent.WorkerStatus;
import io.lyftdata.api.AuditHead;
import io.lyftdata.config.BadSetting;
import io.lyftdata.crypto.SecretFile;
import io.lyftdata.terminal.CommandFailure;
import io.lyftdata.terminal.Connection;
import io.lyftdata.terminal.Output;
import io.lyftdata.terminal.Systemd;
import io.lyftdata.terminal.Table;
import io.lyftdata.terminal.Terminal;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "worker",
        description = "Runs a worker until it is told to stop: it joins, reports metrics and ships log files.")
final class WorkerCommand implements Callable<Integer> {
    private final Terminal terminal;

    @Mixin
    private final Connection connection;

    @Mixin
    private final WorkerOptions options;

    @Mixin
    private final Output output = new Output();

    @Option(
            names = "--status",
            description = "shows what the jobs directory says of the worker, also while it runs, and ends")
    private boolean status;

    WorkerCommand(Terminal terminal) {
        this.terminal = terminal;
        this.connection = new Connection(terminal);
        this.options = new WorkerOptions(terminal);
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        if (status) {
            show();
            return 0;
        }
        if (output.isJson()) {
            throw new BadSetting("--output goes with --status");
        }
        AgentConfig config = options.config(connection.endpoint());
        Runnable endOfLog = WorkerLogging.start(terminal.hidden().isPresent());
        // Libraries are unpacked here: /tmp may be mounted noexec.
        Path natives = config.jobsDir().resolve("native");
        System.setProperty("jna.tmpdir", natives.toString());
        try (Agent agent = Agent.open(config, terminal.clock(), System::nanoTime)) {
            SecretFile.createDirectory(natives);
            Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(agent, endOfLog), "stop"));
            agent.start(standing -> Systemd.status(terminal.environment(), standing));
            Systemd.ready(terminal.environment());
            agent.awaitEnd();
        }
        return 0;
    }

    private void show() {
        Path directory = options.jobsDir();
        WorkerStatus found = WorkerStatus.read(directory)
                .orElseThrow(() -> new CommandFailure(directory + " holds no worker: give the worker's --jobs-dir"
                        + " (LYFTDATA_JOBS_DIR), or start one with lyftdata worker"));
        output.one(terminal.out(), found, table());
    }

    private static Table<WorkerStatus> table() {
        return new Table<WorkerStatus>()
                .column("worker", WorkerStatus::workerId)
                .column("running", worker -> worker.running() ? "yes" : "no")
                .column("joined", worker -> worker.joined() ? "yes" : "no")
                .column("server", WorkerStatus::server)
                .column("installation", WorkerStatus::installation)
                .column("key", WorkerStatus::keyId)
                .column("next key", WorkerStatus::nextKeyId)
                .column("identity", WorkerStatus::identityKey)
                .column("CA pins", WorkerStatus::pins)
                .column("CA revision", WorkerStatus::caRevision)
                .column("audit head", worker -> position(worker.auditHead()))
                .column("directory", WorkerStatus::directory);
    }

    private static String position(AuditHead head) {
        return head == null ? null : head.position() + " of segment " + head.segment();
    }

    private static void stop(Agent agent, Runnable endOfLog) {
        agent.close();
        endOfLog.run();
    }
}
