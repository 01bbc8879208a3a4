package io.lyftdata.ledger;

/** The ledger could not be written, or has failed before: what was to be entered may or may not be on disk. */
public final class LedgerFailure extends RuntimeException {
    private static final long serialVersionUID = 1L;

    LedgerFailure(Throwable cause) {
        super("the ledger takes no more entries", cause);
    }
}
