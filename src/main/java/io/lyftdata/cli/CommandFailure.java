package io.lyftdata.cli;

/** The command was understood and could not be done; the message is one sentence that says what to do next. */
final class CommandFailure extends RuntimeException {
    private static final long serialVersionUID = 1L;

    CommandFailure(String sentence) {
        super(sentence, null, false, false);
    }
}
