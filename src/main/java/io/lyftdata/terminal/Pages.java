package io.lyftdata.terminal;

import com.fasterxml.jackson.core.type.TypeReference;
import io.lyftdata.api.Page;
import io.lyftdata.client.ApiClient;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Reads a list of the API to its end, page by page. */
public final class Pages {
    private Pages() {}

    public static <T> List<T> all(ApiClient api, String path, TypeReference<Page<T>> type) {
        List<T> items = new ArrayList<>();
        Map<String, Object> query = Map.of("limit", Page.MAX_LIMIT);
        while (true) {
            Page<T> page = api.get(path, query, type);
            items.addAll(page.items());
            if (page.next() == null) {
                return items;
            }
            query = Map.of("limit", Page.MAX_LIMIT, "cursor", page.next());
        }
    }
}
