package io.lyftdata.rotation;

import io.lyftdata.apikey.ApiKeyAuthenticator;
import io.lyftdata.apikey.ApiKeyConfig;
import io.lyftdata.apikey.ApiKeySweeper;
import io.lyftdata.apikey.ApiKeys;
import io.lyftdata.apikey.KeyJudge;
import io.lyftdata.apikey.WorkerKeys;
import io.lyftdata.audit.Audit;
import io.lyftdata.audit.Restrictions;
import io.lyftdata.clone.Clones;
import io.lyftdata.db.Database;
import io.lyftdata.worker.Isolation;
import io.lyftdata.worker.Workers;
import java.time.Clock;

/** Workers' keys from all sides: operators', workers', and that of the one who judges them. */
public record Keyring(
        ApiKeys all,
        WorkerKeys own,
        ApiKeyAuthenticator authenticator,
        ApiKeySweeper sweeper,
        RotationRules rules,
        Rotations rotations,
        Recovery recovery) {
    /** The sections of the configuration that are about keys. */
    public record Terms(ApiKeyConfig apiKey, RotationConfig rotation) {}

    public static Keyring on(
            Database database,
            Audit audit,
            Restrictions restrictions,
            Workers workers,
            Isolation isolation,
            Clones clones,
            Terms terms,
            Clock clock) {
        RotationRules rules = new RotationRules(database, terms.rotation(), clock, System::nanoTime);
        KeyJudge judge = new KeyJudge(restrictions, clock, rules);
        ApiKeys all = new ApiKeys(database, audit, restrictions, workers, judge, terms.apiKey());
        WorkerKeys own = new WorkerKeys(database, audit, workers, judge);
        return new Keyring(
                all,
                own,
                new ApiKeyAuthenticator(all, own, judge, isolation),
                new ApiKeySweeper(all, database, clock),
                rules,
                new Rotations(database, audit, workers, judge, rules, clock),
                new Recovery(workers, isolation, own, clones, clock, System::nanoTime));
    }

    /** Whether the worker that uses the key with this id is told now to rotate it. */
    public boolean isDue(String id) {
        return all.find(id).filter(rules::isDue).isPresent();
    }
}
