package io.lyftdata.cli;

import io.lyftdata.agent.Agent;
import io.lyftdata.agent.AgentConfig;
import io.lyftdata.crypto.SecretFile;
import io.lyftdata.terminal.Connection;
import io.lyftdata.terminal.Terminal;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(
        name = "worker",
        description = "Runs a worker until it is told to stop: it joins, reports metrics and ships log files.")
final class WorkerCommand implements Callable<Integer> {
    private final Terminal terminal;

    @Mixin
    private final Connection connection;

    @Mixin
    private final WorkerOptions options;

    WorkerCommand(Terminal terminal) {
        this.terminal = terminal;
        this.connection = new Connection(terminal);
        this.options = new WorkerOptions(terminal);
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        AgentConfig config = options.config(connection.endpoint());
        Runnable endOfLog = WorkerLogging.start(terminal.hidden().isPresent());
        // Libraries are unpacked here: /tmp may be mounted noexec.
        Path natives = config.jobsDir().resolve("native");
        System.setProperty("jna.tmpdir", natives.toString());
        try (Agent agent = Agent.open(config, terminal.clock(), System::nanoTime)) {
            SecretFile.createDirectory(natives);
            Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(agent, endOfLog), "stop"));
            agent.start();
            agent.awaitEnd();
        }
        return 0;
    }

    private static void stop(Agent agent, Runnable endOfLog) {
        agent.close();
        endOfLog.run();
    }
}
