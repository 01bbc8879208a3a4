package io.lyftdata.clone;

/**
 * The section {@code clones} of the configuration.
 *
 * @param isolate whether a worker that two processes act as is isolated at once; otherwise only the alarm is raised
 */
public record CloneConfig(Boolean isolate) {
    public CloneConfig {
        isolate = isolate != null && isolate;
    }
}
