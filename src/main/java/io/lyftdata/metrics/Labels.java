package io.lyftdata.metrics;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * The labels of one sample, sorted by name; for one thread. Labels without a value are left out: the data model knows
 * no difference between those and absent ones.
 */
final class Labels {
    static final int MAX_COUNT = 64;
    private static final int MAX_NAME = 256;
    private static final int MAX_VALUE = 4096;
    private static final byte[] EXPORTED = "exported_".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] WORKER = "worker".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] RESERVED = "__name__".getBytes(StandardCharsets.US_ASCII);

    private final Scanner scanner;
    /** Four positions a label: name from, name to, value from, value to. */
    private final int[] positions = new int[4 * MAX_COUNT];

    private int count;

    Labels(Scanner scanner) {
        this.scanner = scanner;
    }

    /** Reads {@code {name="value",…}} when it comes next; no labels otherwise. */
    void read() {
        count = 0;
        if (!scanner.take('{')) {
            return;
        }
        scanner.skipBlanks();
        while (!scanner.take('}')) {
            readOne();
            scanner.skipBlanks();
            if (scanner.take(',')) {
                scanner.skipBlanks();
            } else if (scanner.peek() != '}') {
                throw scanner.refusal("a label is followed by neither ',' nor '}'");
            }
        }
    }

    private void readOne() {
        scanner.labelName(MAX_NAME);
        int nameFrom = scanner.start;
        int nameTo = scanner.end;
        scanner.skipBlanks();
        if (!scanner.take('=')) {
            throw scanner.refusal("a label name is not followed by '='");
        }
        scanner.skipBlanks();
        if (!scanner.take('"')) {
            throw scanner.refusal("a label value is not in double quotes");
        }
        scanner.quoted(MAX_VALUE);
        insert(nameFrom, nameTo, scanner.start, scanner.end);
    }

    private void insert(int nameFrom, int nameTo, int valueFrom, int valueTo) {
        if (count == MAX_COUNT) {
            throw scanner.refusal("a sample has more than " + MAX_COUNT + " labels");
        }
        if (is(RESERVED, nameFrom, nameTo)) {
            throw scanner.refusal("the label name __name__ is reserved");
        }
        int slot = count;
        while (slot > 0) {
            int order = scanner.compare(positions[4 * slot - 4], positions[4 * slot - 3], nameFrom, nameTo);
            if (order == 0) {
                throw scanner.refusal("a sample has a label twice");
            }
            if (order < 0) {
                break;
            }
            slot--;
        }
        System.arraycopy(positions, 4 * slot, positions, 4 * slot + 4, 4 * (count - slot));
        positions[4 * slot] = nameFrom;
        positions[4 * slot + 1] = nameTo;
        positions[4 * slot + 2] = valueFrom;
        positions[4 * slot + 3] = valueTo;
        count++;
    }

    /** Whether the label is there and its value is a number. */
    boolean hasNumber(byte[] name) {
        for (int i = 0; i < 4 * count; i += 4) {
            if (is(name, positions[i], positions[i + 1])) {
                return Numbers.canonical(scanner.bytes, positions[i + 2], positions[i + 3])
                        .isPresent();
            }
        }
        return false;
    }

    /** Appends {@code ,name="value"} for each; {@code worker} and what it once was renamed to get one more prefix. */
    void writeTo(Lines lines) {
        for (int i = 0; i < 4 * count; i += 4) {
            int nameFrom = positions[i];
            int nameTo = positions[i + 1];
            if (positions[i + 2] == positions[i + 3]) {
                continue;
            }
            lines.write(',');
            if (isExportedWorker(nameFrom, nameTo)) {
                lines.add(EXPORTED);
            }
            lines.write(scanner.bytes, nameFrom, nameTo - nameFrom);
            lines.write('=');
            lines.write('"');
            lines.write(scanner.bytes, positions[i + 2], positions[i + 3] - positions[i + 2]);
            lines.write('"');
        }
    }

    private boolean isExportedWorker(int from, int to) {
        int at = from;
        while (to - at > WORKER.length && is(EXPORTED, at, Math.min(to, at + EXPORTED.length))) {
            at += EXPORTED.length;
        }
        return is(WORKER, at, to);
    }

    private boolean is(byte[] name, int from, int to) {
        return Arrays.equals(name, 0, name.length, scanner.bytes, from, to);
    }
}
