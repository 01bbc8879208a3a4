package io.lyftdata.http;

import jakarta.servlet.ServletInputStream;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.Enumeration;
import java.util.List;

/** A request whose body is plain and within its limit, or refuses to be read on. */
final class LimitedRequest extends HttpServletRequestWrapper {
    private static final String ENCODING = "Content-Encoding";
    private static final String LENGTH = "Content-Length";

    private final BodyLimit.Rule rule;
    private final boolean isGzip;
    private BodyStream stream;

    LimitedRequest(HttpServletRequest request, BodyLimit.Rule rule, boolean isGzip) {
        super(request);
        this.rule = rule;
        this.isGzip = isGzip;
    }

    @Override
    public ServletInputStream getInputStream() throws IOException {
        if (stream == null) {
            stream = new BodyStream(super.getInputStream(), rule.bytes(), isGzip);
        }
        return stream;
    }

    @Override
    public BufferedReader getReader() throws IOException {
        String name = getCharacterEncoding();
        Charset charset = name == null ? StandardCharsets.UTF_8 : Charset.forName(name);
        return new BufferedReader(new InputStreamReader(getInputStream(), charset));
    }

    @Override
    public String getHeader(String name) {
        return isHidden(name) ? null : super.getHeader(name);
    }

    @Override
    public Enumeration<String> getHeaders(String name) {
        return isHidden(name) ? Collections.emptyEnumeration() : super.getHeaders(name);
    }

    @Override
    public Enumeration<String> getHeaderNames() {
        List<String> names = Collections.list(super.getHeaderNames());
        names.removeIf(this::isHidden);
        return Collections.enumeration(names);
    }

    @Override
    public long getContentLengthLong() {
        return isGzip ? -1 : super.getContentLengthLong();
    }

    @Override
    public int getContentLength() {
        return isGzip ? -1 : super.getContentLength();
    }

    private boolean isHidden(String name) {
        return isGzip && (ENCODING.equalsIgnoreCase(name) || LENGTH.equalsIgnoreCase(name));
    }
}
