package io.lyftdata.http;

import io.lyftdata.api.Code;
import io.lyftdata.api.Refusal;

/** What to say when nothing but an HTTP status is known. */
final class Sentences {
    private Sentences() {}

    static Refusal ofStatus(int status) {
        Code code = Code.ofStatus(status);
        return new Refusal(
                code,
                switch (code) {
                    case NOT_FOUND -> "there is nothing at this path: docs/api.md lists every route";
                    case METHOD_NOT_ALLOWED ->
                        "this path does not take this method: the Allow header names those it does";
                    case NOT_ACCEPTABLE -> "this route cannot answer in the form that Accept asks for";
                    case MEDIA_TYPE_UNSUPPORTED ->
                        "this route does not take this Content-Type: JSON is application/json";
                    case REQUEST_TIMEOUT -> "the request came too slowly: send it again";
                    case BODY_TOO_LARGE -> "the body is too long: send less at once";
                    case URI_TOO_LONG -> "the URL is too long: send less in it";
                    case HEADERS_TOO_LARGE -> "the headers are too long or too many: send fewer";
                    case UNAVAILABLE -> "the server cannot serve this now: try again";
                    case INTERNAL_ERROR -> "the server failed: its log says why, under this requestId";
                    default -> "the request cannot be understood: check it against HTTP/1.1 and docs/api.md";
                });
    }
}
