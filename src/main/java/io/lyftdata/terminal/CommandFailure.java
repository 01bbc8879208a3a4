package io.lyftdata.terminal;

/** The command was understood and could not be done; the message is one sentence that says what to do next. */
public final class CommandFailure extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public CommandFailure(String sentence) {
        super(sentence, null, false, false);
    }
}
