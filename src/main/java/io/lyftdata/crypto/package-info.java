/** Keys, hashes, PEM, certificates and randomness. Bouncy Castle is used here and nowhere else. */
package io.lyftdata.crypto;
