package io.lyftdata.heartbeat;

import io.lyftdata.api.posture.Severity;
import io.lyftdata.auth.Addresses;
import io.lyftdata.db.Database;
import io.lyftdata.posture.Finding;
import io.lyftdata.posture.PostureCheck;
import io.lyftdata.posture.Rule;
import java.util.List;
import java.util.function.Supplier;
import org.jdbi.v3.sqlobject.config.RegisterConstructorMapper;
import org.jdbi.v3.sqlobject.statement.SqlQuery;

/** Workers that do not check whom they talk to. */
public final class WorkerTlsPostureCheck implements PostureCheck {
    private static final Rule RULE = new Rule(
            "worker-tls",
            Severity.HIGH,
            "What each worker says of its connection at its last heartbeat: `--tls-insecure`, and plain `http://` from"
                    + " another host, are findings.",
            "“Do not use insecure TLS in production: --tls-insecure / LYFTDATA_TLS_INSECURE applies to CLI and"
                    + " worker-to-server clients and is intended for evaluation/self-signed environments only.” “Keep the"
                    + " server URL scheme consistent (https://… by default; http://… only when running the server with"
                    + " --disable-tls).”",
            "Start the worker with `--tls-pin` (the pin stands in the server's log and in `lyftdata certificate show`)"
                    + " or `--tls-ca` in place of `--tls-insecure`, and with an `https://` URL; a key that went over plain"
                    + " HTTP is replaced by `lyftdata api-keys rotate --worker ID --overlap 0`.");

    private final Database database;
    private final Supplier<String> pin;

    /** @param pin what workers are to pin */
    public WorkerTlsPostureCheck(Database database, Supplier<String> pin) {
        this.database = database;
        this.pin = pin;
    }

    interface Dao {
        record Row(String workerId, String address, String tlsMode) {
            boolean isExposed() {
                return !tlsMode.equals("none")
                        || Addresses.address(address)
                                .filter(it -> it.isLoopback())
                                .isEmpty();
            }
        }

        @SqlQuery("""
                SELECT h.worker_id, h.address, h.tls_mode FROM heartbeat h JOIN worker w ON w.id = h.worker_id
                WHERE h.tls_mode IN ('insecure', 'none') AND w.state <> 'removed' ORDER BY h.worker_id
                """)
        @RegisterConstructorMapper(Row.class)
        List<Row> unchecked();
    }

    @Override
    public Rule rule() {
        return RULE;
    }

    @Override
    public List<Finding> find() {
        return database.read(tx -> tx.attach(Dao.class).unchecked()).stream()
                .filter(Dao.Row::isExposed)
                .map(row -> new Finding(
                        row.workerId(),
                        row.tlsMode().equals("none")
                                ? "the worker at " + row.address() + " sends its key over plain http"
                                : "the worker at " + row.address() + " trusts any server (--tls-insecure)",
                        row.tlsMode().equals("none")
                                ? "start it with --url https://… (the proxy's address), then replace the key:"
                                        + " lyftdata api-keys rotate --worker " + row.workerId() + " --overlap 0"
                                : "start it with --tls-pin " + pin.get() + " in place of --tls-insecure; if it then"
                                        + " says that the certificate is for another name, set tls-san to that name and"
                                        + " restart the server"))
                .toList();
    }
}
