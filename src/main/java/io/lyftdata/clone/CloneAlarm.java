package io.lyftdata.clone;

import java.time.Instant;

/**
 * That two processes acted as one worker.
 *
 * @param identity the worker's at that time: with another one it is another matter
 * @param ledger the ledger's last entry at that time: what is decided of the worker later closes the alarm
 * @param seenAt when they last did
 * @param instance of the process that was noticed; empty when it did not say
 */
public record CloneAlarm(
        String workerId,
        String identity,
        long ledger,
        Instant seenAt,
        String instance,
        String address,
        String otherInstance,
        String otherAddress) {}
