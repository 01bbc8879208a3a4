/** The wire records of rotation and recovery of worker keys. */
package io.lyftdata.api.rotation;
