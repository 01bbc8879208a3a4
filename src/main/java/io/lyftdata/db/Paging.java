package io.lyftdata.db;

import io.lyftdata.api.Code;
import io.lyftdata.api.Page;
import io.lyftdata.api.Refusal;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.function.Function;

/**
 * Which page of a list is asked for. The cursor is the last item's key in base64url, so a page never repeats nor skips
 * an item that stays.
 *
 * @param limit 1 to 1,000
 * @param after the key behind which the page begins; empty for the first
 */
public record Paging(int limit, String after) {

    /**
     * From the query's parameters, either of which may be null.
     *
     * @throws Refusal {@code unprocessable}
     */
    public static Paging of(Integer limit, String cursor) {
        int size = limit == null ? Page.DEFAULT_LIMIT : limit;
        if (size < 1 || size > Page.MAX_LIMIT) {
            throw new Refusal(Code.UNPROCESSABLE, "limit must be from 1 to " + Page.MAX_LIMIT);
        }
        try {
            return new Paging(
                    size,
                    cursor == null ? "" : new String(Base64.getUrlDecoder().decode(cursor), StandardCharsets.UTF_8));
        } catch (IllegalArgumentException e) {
            throw new Refusal(Code.UNPROCESSABLE, "cursor must be the next of an earlier page");
        }
    }

    /** The page, from the query's result of up to {@code limit + 1} items. */
    public <T> Page<T> page(List<T> found, Function<T, String> key) {
        if (found.size() <= limit) {
            return new Page<>(found, null);
        }
        List<T> items = found.subList(0, limit);
        byte[] last = key.apply(items.get(limit - 1)).getBytes(StandardCharsets.UTF_8);
        return new Page<>(items, Base64.getUrlEncoder().withoutPadding().encodeToString(last));
    }
}
