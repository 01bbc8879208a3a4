/**
 * What no restore of the database may undo, in one file beside it: signed at its beginning, hash-chained, and the last
 * entry of a subject wins. Enter at {@link io.lyftdata.ledger.Ledger}.
 */
package io.lyftdata.ledger;
