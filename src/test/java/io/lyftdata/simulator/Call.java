package io.lyftdata.simulator;

/** What a worker asks of the server. */
enum Call {
    CONNECT,
    ENROLL,
    HEARTBEAT,
    ROTATE,
    METRICS,
    LOGS
}
