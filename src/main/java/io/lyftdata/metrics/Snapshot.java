package io.lyftdata.metrics;

import java.io.IOException;
import java.io.OutputStream;
import java.util.List;

/**
 * What one worker reported at one time, ready to be copied into an exposition. Immutable.
 *
 * @param parts one for each family, in the order of arrival
 * @param series how many samples there are
 */
record Snapshot(List<Part> parts, int series) {
    /** Whether both have the same families in the same order. */
    boolean hasFamiliesOf(Snapshot other) {
        if (parts.size() != other.parts.size()) {
            return false;
        }
        for (int i = 0; i < parts.size(); i++) {
            if (!parts.get(i).family.equals(other.parts.get(i).family)) {
                return false;
            }
        }
        return true;
    }

    /** One family's samples: whole lines that already carry the worker's label. */
    static final class Part {
        private final Family family;
        private final byte[] samples;

        Part(Family family, byte[] samples) {
            this.family = family;
            this.samples = samples;
        }

        Family family() {
            return family;
        }

        void writeTo(OutputStream out) throws IOException {
            out.write(samples);
        }
    }
}
