/** Auto-enrollment: the shared secret, and the way a worker joins by it. */
package io.lyftdata.enrollment;
