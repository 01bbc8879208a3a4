package io.lyftdata.restore;

import java.nio.file.Path;
import java.util.List;

/**
 * What a restore did.
 *
 * @param aside where the old state is
 * @param isLogKept whether this host's audit log went on
 * @param isLedgerKept whether this host's ledger went on
 * @param tls {@code kept}, {@code restored}, or {@code new} for an authority that is made at the next start
 * @param telemetry what came of the backup's logs and metrics
 * @param shutOut workers that stay out
 */
public record Outcome(
        Path aside,
        boolean isLogKept,
        boolean isLedgerKept,
        String tls,
        RestoredTelemetry telemetry,
        List<String> shutOut) {}
