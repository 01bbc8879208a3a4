package io.lyftdata.authority;

import io.lyftdata.api.Workers.View;
import io.lyftdata.db.Database;
import io.lyftdata.worker.Standing;
import io.lyftdata.worker.Workers;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Which workers keep which bundle of authorities, as their heartbeats say. Safe for use by many threads. */
public final class Adoption {
    private static final Pattern REVISION = Pattern.compile("[0-9a-f]{16}");
    private static final Set<String> JUDGING = Set.of("pinned", "ca");

    private final Database database;
    private final Workers workers;
    private volatile Map<String, String> known;

    public Adoption(Database database, Workers workers) {
        this.database = database;
        this.workers = workers;
    }

    /**
     * Notes it, durably, when it is another than before.
     *
     * @param revision of the bundle that the worker keeps; null for none
     */
    public void hear(String workerId, String revision) {
        String heard = revision != null && REVISION.matcher(revision).matches() ? revision : "";
        if (!heard.equals(known().getOrDefault(workerId, ""))) {
            database.write(tx -> {
                tx.attach(AdoptionDao.class).put(workerId, heard);
                return null;
            });
            known().put(workerId, heard);
        }
    }

    private Map<String, String> known() {
        Map<String, String> now = known;
        return now == null ? read() : now;
    }

    private synchronized Map<String, String> read() {
        if (known == null) {
            known = database.read(tx -> tx.attach(AdoptionDao.class).all()).stream()
                    .collect(Collectors.toMap(
                            AdoptionDao.Kept::workerId,
                            AdoptionDao.Kept::revision,
                            (some, other) -> other,
                            ConcurrentHashMap::new));
        }
        return known;
    }

    /**
     * How the fleet stands to a bundle.
     *
     * @param have how many workers keep it
     * @param onlineWithout those that are there and do not
     * @param offlineWithout those that will ask for it when they come back
     */
    record Count(int have, List<String> onlineWithout, List<String> offlineWithout) {}

    Count of(String revision) {
        Set<String> joined = workers.standings().stream()
                .filter(worker -> List.of("online", "offline").contains(worker.state()))
                .map(Standing::id)
                .collect(Collectors.toSet());
        List<View> judging = workers.all(joined).stream()
                .filter(worker -> JUDGING.contains(String.valueOf(worker.tlsMode())))
                .toList();
        return new Count(
                (int) judging.stream().filter(worker -> keeps(worker, revision)).count(),
                without(judging, revision, "online"),
                without(judging, revision, "offline"));
    }

    private List<String> without(List<View> judging, String revision, String state) {
        return judging.stream()
                .filter(worker -> worker.state().equals(state) && !keeps(worker, revision))
                .map(View::id)
                .toList();
    }

    private boolean keeps(View worker, String revision) {
        return revision.equals(known().get(worker.id()));
    }
}
