/** Rotation and recovery of worker keys: which are due ({@link io.lyftdata.rotation.Rotations}), and the way back. */
package io.lyftdata.rotation;
