/** Workers' keys: bootstrap keys made here, keys made at the workers, and the check of both. */
package io.lyftdata.apikey;
