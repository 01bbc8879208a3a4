package io.lyftdata.ledger;

import io.lyftdata.config.BadSetting;
import java.util.Optional;

/** Follows the chain through the lines of one file; whoever holds it has read only what is proven. */
final class Proof {
    private final LedgerFile file;
    private final Optional<Position> known;
    private final State state = new State();
    private Checkpoint checkpoint;
    private LedgerFile.Fold fold;
    private Position position;
    private long lines;

    Proof(LedgerFile file, Optional<Position> known) {
        this.file = file;
        this.known = known;
    }

    void take(int number, String text) {
        if (number == 1) {
            begin(text);
            return;
        }
        Line line = Line.parse(text).orElseThrow(() -> changed(number));
        boolean isCarried = lines < checkpoint.carried();
        if (isCarried) {
            fold.add(line);
        } else if (line.position().sequence() == position.sequence() + 1
                && line.previous().equals(position.hash())) {
            position = line.position();
        } else {
            throw changed(number);
        }
        lines++;
        check(line.position());
        line.entry().ifPresent(state::put);
        if (lines == checkpoint.carried() && !fold.is(checkpoint)) {
            throw changed(number);
        }
    }

    private void begin(String text) {
        checkpoint = Checkpoint.parse(text, file.key())
                .orElseThrow(() -> file.refusal("does not begin with a checkpoint that signing.key has signed"));
        if (!checkpoint.installation().equals(file.installation())) {
            throw file.refusal("belongs to another installation");
        }
        position = checkpoint.from();
        fold = new LedgerFile.Fold(position.hash());
        check(position);
    }

    private void check(Position reached) {
        if (known.isPresent()
                && known.get().sequence() == reached.sequence()
                && !known.get().equals(reached)) {
            throw file.refusal("is not the one that this database knows: they part before entry " + reached.sequence());
        }
    }

    private BadSetting changed(int number) {
        return file.refusal("was changed or is damaged at line " + number);
    }

    LedgerFile.Contents finish(long length) {
        if (checkpoint == null) {
            throw file.refusal("is empty");
        }
        if (lines < checkpoint.carried()) {
            throw file.refusal("is cut off behind line " + (lines + 1));
        }
        if (known.isPresent() && known.get().sequence() > position.sequence()) {
            throw file.refusal("ends at entry " + position.sequence() + ", but the database knows of entry "
                    + known.get().sequence());
        }
        return new LedgerFile.Contents(state, position, lines, length);
    }
}
