package io.lyftdata.terminal;

import io.lyftdata.api.AutoEnrollment.Terms;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Option;

/** Who may join by an enrollment secret, how often and until when. */
public final class TermOptions {
    @Option(
            names = "--expires",
            paramLabel = "TIME",
            description = "after which it is switched off, as in 2h or 30d (0s: never)")
    private Duration expires;

    @Option(
            names = "--limit",
            paramLabel = "N",
            description = "after how many workers it is switched off (0: any number)")
    private Long limit;

    @Option(
            names = "--source",
            paramLabel = "ADDRESS",
            split = ",",
            description = "address or network that workers join from (repeatable)")
    private List<String> sources;

    @Option(
            names = "--label",
            paramLabel = "KEY=VALUE",
            description = "a label that a worker must have to join (repeatable)")
    private Map<String, String> labels;

    /** What is not given is left out. */
    public Terms terms() {
        return new Terms(expires == null ? null : Long.valueOf(expires.toSeconds()), limit, sources, labels);
    }
}
