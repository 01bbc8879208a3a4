/** API tokens for people's scripts and read-only scrapers: a role, an end, and where they may be used from. */
package io.lyftdata.token;
