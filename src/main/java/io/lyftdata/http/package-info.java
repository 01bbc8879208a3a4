/**
 * What every request and answer passes: request id, security headers, checks before routing, body limits, strict JSON,
 * and the one place where errors become problem+json ({@link io.lyftdata.http.ProblemMapper}).
 */
package io.lyftdata.http;
