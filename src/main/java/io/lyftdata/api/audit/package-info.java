/** Wire records of {@code /api/audit}, and the rules by which anybody can verify the chain. */
package io.lyftdata.api.audit;
