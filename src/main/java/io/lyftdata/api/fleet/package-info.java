/** What is asked of many workers at once. */
package io.lyftdata.api.fleet;
