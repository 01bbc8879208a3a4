package io.lyftdata.worker;

/**
 * How a worker came in.
 *
 * @param by public id of the enrollment secret or bootstrap key
 * @param from the address it came from
 */
public record Admission(String by, String from) {}
