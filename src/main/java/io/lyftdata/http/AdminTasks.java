package io.lyftdata.http;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.lyftdata.api.Code;
import io.lyftdata.api.Refusal;
import io.lyftdata.auth.Caller;
import jakarta.servlet.Filter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.List;

/**
 * All of {@code /tasks/…} on the admin connector: arguments as a JSON object in the body, the answer as JSON, refusals
 * as problem documents. There is no other task than those given.
 */
public final class AdminTasks implements Filter {
    private static final ObjectMapper JSON = Json.configure(new ObjectMapper());
    private static final int LONGEST_BODY = 64 * 1024;
    private static final String PREFIX = "/tasks/";

    private final List<Task<?>> tasks;

    public AdminTasks(List<Task<?>> tasks) {
        this.tasks = List.copyOf(tasks);
    }

    /** Something that this host's operator can have done; calls the same service as the API. */
    public interface Task<T> {
        /** The last part of its path. */
        String name();

        /** The type of the arguments; a record. */
        Class<T> arguments();

        /** Does it; the answer is a record. */
        Object run(Caller host, T arguments);
    }

    @Override
    public void doFilter(ServletRequest request, ServletResponse response, FilterChain chain) throws IOException {
        HttpServletRequest http = (HttpServletRequest) request;
        HttpServletResponse answer = (HttpServletResponse) response;
        try {
            byte[] body = JSON.writeValueAsBytes(run(named(http), http));
            answer.setContentType("application/json");
            answer.getOutputStream().write(body);
        } catch (IOException | RuntimeException e) {
            Problems.send(request, answer, ProblemMapper.refusal(e));
        }
    }

    private Task<?> named(HttpServletRequest request) {
        if (!request.getMethod().equals("POST")) {
            throw new Refusal(Code.METHOD_NOT_ALLOWED, "a task is done by POST");
        }
        return tasks.stream()
                .filter(task -> request.getRequestURI().equals(PREFIX + task.name()))
                .findFirst()
                .orElseThrow(() -> new Refusal(
                        Code.NOT_FOUND,
                        "there is no such task, but: "
                                + String.join(
                                        ", ", tasks.stream().map(Task::name).toList())));
    }

    private static <T> Object run(Task<T> task, HttpServletRequest request) throws IOException {
        byte[] body = request.getInputStream().readNBytes(LONGEST_BODY + 1);
        if (body.length > LONGEST_BODY) {
            throw Problems.ofStatus(Code.BODY_TOO_LARGE.status());
        }
        T arguments = body.length == 0
                ? JSON.convertValue(JSON.createObjectNode(), task.arguments())
                : JSON.readValue(body, task.arguments());
        if (arguments == null) {
            throw new Refusal(Code.BAD_REQUEST, "the body must be one JSON object and nothing else");
        }
        return task.run(Caller.host(), arguments);
    }
}
