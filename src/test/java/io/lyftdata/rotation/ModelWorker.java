package io.lyftdata.rotation;

import io.lyftdata.api.Code;
import io.lyftdata.api.Refusal;
import io.lyftdata.crypto.KeyString;
import io.lyftdata.rotation.KeyFixture.Host;
import java.util.Random;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * A worker by the rules of the protocol, with a disk that survives its crashes. Calls and answers are lost, and it crashes
 * between any two writes, as the dice say; with an even temper nothing happens to it.
 */
final class ModelWorker {
    private static final Set<Code> REFUSED = Set.of(Code.KEY_UNKNOWN, Code.KEY_EXPIRED, Code.KEY_REVOKED);

    private final Random random;
    private final double trouble;
    private final Consumer<KeyString> ended;
    // Its disk.
    private Host disk;
    private KeyString diskNext;
    // Its memory.
    private int refusals;

    /** Something that a worker does not survive, or does not hear the end of. */
    private static final class Mishap extends RuntimeException {
        private static final long serialVersionUID = 1L;

        private Mishap() {
            super(null, null, false, false);
        }
    }

    /** @param ended takes every key that a recovery ended */
    ModelWorker(Host host, Random random, double trouble, Consumer<KeyString> ended) {
        this.disk = host;
        this.ended = ended;
        this.random = random;
        this.trouble = trouble;
    }

    /** The same disk in calm times. */
    ModelWorker calm() {
        return troubled(0);
    }

    /** The same disk in times of so much trouble. */
    ModelWorker troubled(double howMuch) {
        ModelWorker other = new ModelWorker(disk, random, howMuch, ended);
        other.diskNext = diskNext;
        return other;
    }

    Host host() {
        return disk;
    }

    /** One heartbeat and what follows from it; whether the server accepted a key. */
    boolean beat(KeyFixture server) {
        try {
            return attempt(server);
        } catch (Mishap mishap) {
            if (random.nextBoolean()) {
                refusals = 0; // It was the end of the process.
            }
            return false;
        } catch (Refusal refusal) {
            return false;
        }
    }

    private boolean attempt(KeyFixture server) {
        if (diskNext != null && !useNext(server)) {
            diskNext = null;
        }
        if (!accepts(server, disk.key())) {
            refusals++;
            if (refusals < 2) {
                return false;
            }
            KeyString former = disk.key();
            makeNext();
            call(() -> {
                server.recover(server.proof(disk, diskNext));
                ended.accept(former);
                return null;
            });
            return useNext(server);
        }
        refusals = 0;
        if (server.isDue(disk.key())) {
            makeNext();
            call(() -> {
                server.put(disk, diskNext);
                return null;
            });
            useNext(server);
        }
        return true;
    }

    private boolean useNext(KeyFixture server) {
        if (!accepts(server, diskNext)) {
            return false;
        }
        maybe();
        disk = disk.with(diskNext);
        maybe();
        diskNext = null;
        refusals = 0;
        return true;
    }

    private void makeNext() {
        diskNext = KeyFixture.next();
        maybe();
    }

    private boolean accepts(KeyFixture server, KeyString key) {
        return call(() -> {
            try {
                server.use(key);
                return true;
            } catch (Refusal refusal) {
                if (REFUSED.contains(refusal.code())) {
                    return false;
                }
                throw refusal;
            }
        });
    }

    /** It may not arrive, and its answer may not come back. */
    private <T> T call(Supplier<T> work) {
        maybe();
        T answer = work.get();
        maybe();
        return answer;
    }

    private void maybe() {
        if (random.nextDouble() < trouble) {
            throw new Mishap();
        }
    }
}
