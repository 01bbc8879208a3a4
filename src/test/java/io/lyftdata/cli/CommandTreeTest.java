package io.lyftdata.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;
import picocli.CommandLine.Model.ArgSpec;

final class CommandTreeTest {
    @TempDir
    private static Path home;

    private final CommandLineRun cli = new CommandLineRun(home);

    private static Stream<CommandLine> below(CommandLine command) {
        return Stream.concat(
                Stream.of(command), command.getSubcommands().values().stream().flatMap(CommandTreeTest::below));
    }

    @TestFactory
    Stream<DynamicTest> everyCommandExplainsItself() {
        CommandLine root = RootCommand.tree(
                cli.terminal(new PrintWriter(new StringWriter()), new PrintWriter(new StringWriter())));
        return below(root)
                .map(command -> DynamicTest.dynamicTest(command.getCommandSpec().qualifiedName(), () -> {
                    List<String> words = new ArrayList<>(
                            List.of(command.getCommandSpec().qualifiedName().split(" ")));
                    words.set(0, "--help");
                    List<String> arguments = new ArrayList<>(words.subList(1, words.size()));
                    arguments.add("--help");
                    assertThat(cli.run(arguments.toArray(String[]::new))).isZero();
                    assertThat(cli.out)
                            .startsWith("Usage: " + command.getCommandSpec().qualifiedName());
                    assertThat(command.getCommandSpec().usageMessage().description())
                            .isNotEmpty();
                    for (ArgSpec argument : command.getCommandSpec().args()) {
                        assertThat(argument.description())
                                .as(argument.paramLabel())
                                .isNotEmpty();
                    }
                }));
    }

    @ParameterizedTest
    @CsvSource({
        "wokers list,               there is no command wokers (did you mean workers?); see lyftdata --help",
        "workers lst,               there is no command lst (did you mean list?); see lyftdata workers --help",
        "workers list --lable a=b,  there is no option --lable (did you mean --label?); see lyftdata workers list --help",
        "login ada hunter2hunter2,  too many arguments; see lyftdata login --help",
        "login,                     missing required parameter: 'USER'; see lyftdata login --help",
        "tokens list --urll=x,      there is no option --urll (did you mean --url?); see lyftdata tokens list --help",
    })
    void wrongUsageIsOneLineThatHelps(String arguments, String sentence) {
        assertThat(cli.run(arguments.split(" "))).isEqualTo(2);
        assertThat(cli.err).isEqualTo("lyftdata: " + sentence + "\n");
        assertThat(cli.out).isEmpty();
    }

    @Test
    void aGroupAloneNamesItsCommands() {
        assertThat(cli.run("workers")).isEqualTo(2);
        assertThat(cli.err)
                .startsWith("lyftdata: workers needs one of: ")
                .contains("list")
                .hasLineCount(1);
        assertThat(cli.run()).isEqualTo(2);
        assertThat(cli.err)
                .startsWith("lyftdata: lyftdata needs one of: ")
                .contains("workers")
                .hasLineCount(1);
    }

    @Test
    void aWholeKeyInPlaceOfItsIdIsNotRepeated() {
        assertThat(cli.run("api-keys", "revoke", "lyd_wk_secret")).isEqualTo(2);
        assertThat(cli.err).contains("32 hex digits").doesNotContain("lyd_wk_secret");
    }

    @Test
    void completionKnowsTheCommands() {
        assertThat(cli.run("completion")).isZero();
        assertThat(cli.out)
                .contains("complete -F")
                .contains("lyftdata")
                .contains("workers")
                .contains("set-password")
                .contains("--tls-pin");
    }

    @Test
    void saysItsVersion() {
        assertThat(cli.run("--version")).isZero();
        assertThat(cli.out).startsWith("lyftdata ");
    }
}
