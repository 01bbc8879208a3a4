package io.lyftdata.snapshot;

/** Told how far long work has come; must not throw. */
public interface Progress {
    /** For work that nobody watches. */
    Progress NONE = (step, done, total) -> {};

    /** @param done of {@code total}, in bytes or rows */
    void at(String step, long done, long total);
}
