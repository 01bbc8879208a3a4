package io.lyftdata.simulator;

/** What a worker asks of the server. */
enum Call {
    CONNECT,
    HEALTH,
    ENROLL,
    HEARTBEAT,
    METRICS,
    LOGS
}
