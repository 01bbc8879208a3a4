package io.lyftdata.incident;

import io.lyftdata.api.Code;
import io.lyftdata.api.Page;
import io.lyftdata.api.Refusal;
import io.lyftdata.api.incident.Incidents.Close;
import io.lyftdata.api.incident.Incidents.Open;
import io.lyftdata.api.incident.Incidents.Ran;
import io.lyftdata.api.incident.Incidents.Run;
import io.lyftdata.api.incident.Incidents.Skip;
import io.lyftdata.api.incident.Incidents.View;
import io.lyftdata.audit.Audit;
import io.lyftdata.auth.Caller;
import io.lyftdata.crypto.Randomness;
import io.lyftdata.db.Paging;
import io.lyftdata.fleet.Reach;
import io.lyftdata.incident.Moment.Opening;
import io.lyftdata.incident.Moment.What;
import io.lyftdata.worker.Isolation.Target;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

/**
 * Incidents, from being opened to being closed. No worker is in two open ones, and one call at a time does something
 * about them. Safe for use by many threads.
 */
public final class Incidents {
    private static final int LONGEST_TEXT = 160;
    private static final int ID_BITS = 24;
    private static final DateTimeFormatter DAY =
            DateTimeFormatter.ofPattern("yyyyMMdd").withZone(ZoneOffset.UTC);

    private final IncidentFiles files;
    private final Checklist checklist;
    private final Reach reach;
    private final Journal journal;
    private final ReentrantLock turn = new ReentrantLock();

    public Incidents(IncidentFiles files, Checklist checklist, Reach reach, Audit audit, Clock clock) {
        this.files = files;
        this.checklist = checklist;
        this.reach = reach;
        this.journal = new Journal(files, audit, clock);
    }

    /** The last id first, without their timelines. */
    public Page<View> list(Paging paging) {
        List<View> found = files.all().stream()
                .filter(incident -> paging.after().isEmpty() || incident.id().compareTo(paging.after()) < 0)
                .limit(paging.limit() + 1L)
                .map(checklist::summary)
                .toList();
        return paging.page(found, View::id);
    }

    /** With its timeline, and what the steps that are left would do now. */
    public View show(String id) {
        return checklist.view(find(id));
    }

    /** @throws Refusal {@code not_found} */
    public Incident find(String id) {
        return files.find(id)
                .orElseThrow(() -> new Refusal(
                        Code.NOT_FOUND, "there is no such incident; lyftdata incident status shows those there are"));
    }

    /**
     * The one that is open.
     *
     * @throws Refusal {@code conflict} when there is none, or more than one
     */
    String onlyOpen() {
        List<Incident> open = files.all().stream()
                .filter(incident -> incident.closing().isEmpty())
                .toList();
        if (open.size() != 1) {
            throw new Refusal(
                    Code.CONFLICT, open.isEmpty() ? "no incident is open" : "more than one incident is open: name one");
        }
        return open.get(0).id();
    }

    /**
     * Opens one, or says what its plan would be; nothing is done before it is run.
     *
     * @throws Refusal {@code unprocessable}, {@code not_found} when the scope names nobody, or {@code conflict} when one
     *     of the workers is in an open incident
     */
    public View open(Caller caller, Open wish) {
        return alone(() -> {
            Incident incident = incident(caller, wish);
            if (!Boolean.TRUE.equals(wish.preview())) {
                journal.open(caller, incident);
                checklist.begin(incident);
            }
            return checklist.view(incident);
        });
    }

    private Incident incident(Caller caller, Open wish) {
        Instant now = journal.now();
        String reason = text("reason", wish.reason());
        Instant since = wish.since() == null ? now : wish.since();
        if (since.isAfter(now)) {
            throw new Refusal(Code.UNPROCESSABLE, "since must be when it may have begun: a time that has passed");
        }
        List<String> workers = reach.of(wish.scope()).stream().map(Target::id).toList();
        refuseSecond(workers);
        Opening opening = new Opening(
                reason,
                wish.scope(),
                workers,
                since,
                rotates(wish.enrollment()),
                Boolean.TRUE.equals(wish.ca()),
                checklist.certificate(),
                checklist.names());
        String id = Boolean.TRUE.equals(wish.preview()) ? null : DAY.format(now) + "-" + Randomness.hex(ID_BITS);
        return new Incident(id, List.of(new Moment(now, Journal.by(caller), What.OPENED, null, reason, null, opening)));
    }

    private static boolean rotates(String enrollment) {
        if (enrollment != null && !Set.of("disable", "rotate").contains(enrollment)) {
            throw new Refusal(Code.UNPROCESSABLE, "enrollment must be disable or rotate");
        }
        return "rotate".equals(enrollment);
    }

    private void refuseSecond(List<String> workers) {
        Set<String> wanted = Set.copyOf(workers);
        for (Incident other : files.all()) {
            Optional<String> both = other.closing().isPresent()
                    ? Optional.empty()
                    : other.opening().workers().stream()
                            .filter(wanted::contains)
                            .findFirst();
            if (both.isPresent()) {
                throw new Refusal(
                                Code.CONFLICT,
                                "worker " + both.get() + " is in incident " + other.id()
                                        + ", which is open: go on with that one, or close it first")
                        .with("incident", other.id());
            }
        }
    }

    /**
     * Does what is left, or one step of it; what is done or skipped is not done again, but for a step that the server
     * itself left out, when it is the one. A step that fails is noted, and the next ones are tried all the same. One that
     * looks at the outcome of others that have not had their turn stays as it is, and says for whom it waits.
     *
     * @throws Refusal {@code not_found}, {@code unprocessable}, or {@code conflict} when the incident is closed or
     *     another call is at work
     */
    public Ran run(Caller caller, String id, Run wish) {
        if (Boolean.TRUE.equals(wish.preview())) {
            return new Ran(show(id), null);
        }
        return alone(() -> {
            Incident incident = requireOpen(id);
            List<String> due = wish.step() == null ? incident.left() : List.of(known(incident, wish.step()));
            String secret = null;
            for (String name : due) {
                Optional<Step> step =
                        checklist.step(name).filter(any -> isDue(find(id), any, name.equals(wish.step())));
                Optional<String> told = step.flatMap(any -> journal.run(caller, find(id), any));
                secret = told.orElse(secret);
            }
            return new Ran(show(id), secret);
        });
    }

    /** What looks at the outcome waits for it. */
    private static boolean isDue(Incident incident, Step step, boolean isAskedFor) {
        boolean isOpen = !incident.isSettled(step.name()) || (isAskedFor && incident.isLeftOutByServer(step.name()));
        return isOpen && (!step.isLast() || incident.awaited(step.name()).isEmpty());
    }

    /** Leaves a step out, for a reason. */
    public View skip(Caller caller, String id, Skip wish) {
        String reason = text("reason", wish.reason());
        return alone(() -> {
            Incident incident = requireOpen(id);
            String step = known(incident, wish.step());
            if (incident.isSettled(step)) {
                throw new Refusal(Code.CONFLICT, "step " + step + " is done or skipped already");
            }
            return checklist.view(journal.skip(caller, incident, step, reason));
        });
    }

    /**
     * Closes it.
     *
     * @throws Refusal {@code conflict} while a step is neither done nor skipped
     */
    public View close(Caller caller, String id, Close wish) {
        String note = text("note", wish.note());
        return alone(() -> {
            Incident incident = requireOpen(id);
            if (!incident.left().isEmpty()) {
                throw new Refusal(
                        Code.CONFLICT,
                        "steps are left: " + String.join(", ", incident.left())
                                + "; run them, or skip each with a reason");
            }
            return checklist.view(journal.close(caller, incident, note));
        });
    }

    private Incident requireOpen(String id) {
        Incident incident = find(id);
        if (incident.closing().isPresent()) {
            throw new Refusal(Code.CONFLICT, "this incident is closed; open another one");
        }
        return incident;
    }

    private static String known(Incident incident, String step) {
        if (!incident.opening().steps().contains(String.valueOf(step))) {
            throw new Refusal(
                    Code.UNPROCESSABLE,
                    "step must be one of "
                            + String.join(", ", incident.opening().steps()));
        }
        return step;
    }

    private <T> T alone(Supplier<T> work) {
        if (!turn.tryLock()) {
            throw new Refusal(
                    Code.CONFLICT,
                    "another call is at work on an incident; lyftdata incident status shows how far it has come");
        }
        try {
            return work.get();
        } finally {
            turn.unlock();
        }
    }

    private static String text(String field, String given) {
        boolean isPlain = given != null
                && !given.isBlank()
                && given.length() <= LONGEST_TEXT
                && given.codePoints().noneMatch(Character::isISOControl);
        if (!isPlain) {
            throw new Refusal(
                    Code.UNPROCESSABLE,
                    field + " must be 1 to " + LONGEST_TEXT + " characters on one line, for people");
        }
        return given;
    }
}
