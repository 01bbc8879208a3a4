package io.lyftdata.account;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lyftdata.api.Accounts.AddUser;
import io.lyftdata.api.Accounts.IssueToken;
import io.lyftdata.api.Accounts.User;
import io.lyftdata.api.Code;
import io.lyftdata.api.Login;
import io.lyftdata.api.Page;
import io.lyftdata.api.Refusal;
import io.lyftdata.audit.Audit;
import io.lyftdata.audit.Restrictions;
import io.lyftdata.auth.Addresses;
import io.lyftdata.auth.Caller;
import io.lyftdata.auth.Origin;
import io.lyftdata.auth.Presented;
import io.lyftdata.auth.RefusalLimiter;
import io.lyftdata.auth.Role;
import io.lyftdata.config.BadSetting;
import io.lyftdata.config.Secret;
import io.lyftdata.crypto.KeyString;
import io.lyftdata.db.Database;
import io.lyftdata.db.DatabaseOpener;
import io.lyftdata.db.Paging;
import io.lyftdata.testing.Engine;
import io.lyftdata.testing.FixtureKeys;
import io.lyftdata.testing.MovableClock;
import io.lyftdata.testing.TestLedger;
import io.lyftdata.token.TokenAuthenticator;
import io.lyftdata.token.Tokens;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Users, passwords, log-ins and sessions, on both databases. */
class AccountsTest {
    private static final String PASSWORD = "blue-horse-9-lamp";
    private static final String OTHER = "green-whale-7-door";
    private static final Origin HERE = new Origin(Addresses.address("192.0.2.1"), Optional.empty());
    private static final Origin ELSEWHERE = new Origin(Addresses.address("192.0.2.2"), Optional.empty());

    @TempDir
    Path directory;

    private final MovableClock clock = new MovableClock();
    private final AtomicLong nanos = new AtomicLong();
    private final DatabaseOpener opener = new DatabaseOpener();
    private Path file;
    private AdminPassword adminPassword;
    private Tokens tokens;
    private Accounts accounts;
    private Sessions sessions;
    private Logins logins;
    private SessionAuthenticator authenticator;

    private void open(Engine engine) {
        Database database = engine.open(opener, directory);
        Audit audit = new Audit(database, "00000000000000000000000000000000", clock);
        file = directory.resolve("staging").resolve("admin-password");
        Restrictions restrictions = TestLedger.restrictions(directory, database, audit, clock);
        adminPassword = new AdminPassword(database, audit, restrictions, clock, file);
        tokens = new Tokens(database, audit, restrictions, clock);
        accounts = new Accounts(database, audit, restrictions, clock, tokens, adminPassword);
        sessions = new Sessions(database, audit, restrictions, clock, new SessionConfig(null, null));
        logins = new Logins(database, sessions, restrictions, new RefusalLimiter(10, nanos::get));
        authenticator = new SessionAuthenticator(sessions);
    }

    @AfterEach
    void close() throws Exception {
        opener.close();
    }

    private String login(String name, String password) {
        return logins.login(new Login.Request(name, password), HERE).token();
    }

    private Caller caller(String session) {
        return authenticator.authenticate(new Presented(session, HERE));
    }

    private Caller admin() {
        return Caller.server();
    }

    private static void assertRefused(ThrowingCallable call, Code code) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        Refusal.class, refusal -> assertThat(refusal.code()).isEqualTo(code));
    }

    @ParameterizedTest
    @EnumSource
    void theFirstStartMakesAnAdministratorWithAPasswordInAFile(Engine engine) throws Exception {
        open(engine);
        assertThat(adminPassword.firstStart(Optional.empty())).isTrue();
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
        String first = Files.readString(file).strip();
        assertThat(first).matches("[0-9a-f]{32}");

        assertThat(adminPassword.firstStart(Optional.of(new Secret(OTHER))))
                .as("a setting counts only on the first start")
                .isTrue();
        assertThat(Files.readString(file).strip()).isEqualTo(first);
        Caller admin = caller(login("admin", first));
        assertThat(admin.role()).isEqualTo(Role.ADMIN);
        assertRefused(() -> login("admin", OTHER), Code.LOGIN_REFUSED);

        clock.advance(Duration.ofSeconds(1));
        accounts.setPassword(admin, "admin", PASSWORD);
        assertThat(file).doesNotExist();
        assertRefused(() -> login("admin", first), Code.LOGIN_REFUSED);
        login("admin", PASSWORD);
        assertThat(adminPassword.firstStart(Optional.empty())).isFalse();
    }

    @ParameterizedTest
    @EnumSource
    void aFileThatOutlivedItsPasswordIsDeletedAtTheNextStart(Engine engine) throws Exception {
        open(engine);
        adminPassword.firstStart(Optional.empty());
        String first = Files.readString(file);
        clock.advance(Duration.ofSeconds(1));
        accounts.setPassword(admin(), "admin", PASSWORD);
        Files.writeString(file, first);
        assertThat(adminPassword.firstStart(Optional.empty())).isFalse();
        assertThat(file).doesNotExist();
    }

    @ParameterizedTest
    @EnumSource
    void aGivenFirstPasswordLeavesNoFile(Engine engine) throws Exception {
        open(engine);
        assertThatThrownBy(() -> adminPassword.firstStart(Optional.of(new Secret("password1234"))))
                .isInstanceOf(BadSetting.class)
                .hasMessageStartingWith("LYFTDATA_ADMIN_INIT_PASSWORD: ")
                .hasMessageNotContaining("password1234");
        assertThat(adminPassword.firstStart(Optional.of(new Secret(PASSWORD)))).isFalse();
        assertThat(file).doesNotExist();
        login("admin", PASSWORD);
    }

    @ParameterizedTest
    @EnumSource
    void theHostResetsThePasswordOncePerValue(Engine engine) throws Exception {
        open(engine);
        adminPassword.firstStart(Optional.empty());
        String before = login("admin", Files.readString(file).strip());
        clock.advance(Duration.ofSeconds(1));
        assertThat(adminPassword.reset(new Secret(PASSWORD))).isTrue();
        assertThat(file).doesNotExist();
        assertRefused(() -> caller(before), Code.KEY_REVOKED);
        accounts.setPassword(admin(), "admin", OTHER);
        assertThat(adminPassword.reset(new Secret(PASSWORD))).isFalse();
        login("admin", OTHER);
        assertThat(adminPassword.reset(new Secret("yellow-shoe-4-rain"))).isTrue();
        assertThat(adminPassword.reset(new Secret(PASSWORD)))
                .as("also after another value")
                .isFalse();
        login("admin", "yellow-shoe-4-rain");
    }

    @ParameterizedTest
    @EnumSource
    void usersAreAddedListedAndRemoved(Engine engine) throws Exception {
        open(engine);
        adminPassword.firstStart(Optional.of(new Secret(PASSWORD)));
        for (String name : List.of("carol", "bob", "dave")) {
            accounts.add(admin(), new AddUser(name, OTHER, "viewer"));
        }
        Page<User> first = accounts.list(Paging.of(3, null));
        assertThat(first.items()).extracting(User::name).containsExactly("admin", "bob", "carol");
        Page<User> second = accounts.list(Paging.of(3, first.next()));
        assertThat(second.items()).extracting(User::name).containsExactly("dave");
        assertThat(second.next()).isNull();

        String session = login("bob", OTHER);
        accounts.remove(admin(), "bob");
        assertRefused(() -> caller(session), Code.KEY_UNKNOWN);
        assertRefused(() -> login("bob", OTHER), Code.LOGIN_REFUSED);
        assertRefused(() -> accounts.remove(admin(), "bob"), Code.NOT_FOUND);
    }

    @ParameterizedTest
    @EnumSource
    void nonsenseIsRefused(Engine engine) throws Exception {
        open(engine);
        for (String name : List.of("", "A", "a b", ".a", "a.", "-", "a/b", "\u00e9", "a".repeat(65), "a\n")) {
            assertRefused(() -> accounts.add(admin(), new AddUser(name, OTHER, "viewer")), Code.UNPROCESSABLE);
        }
        assertRefused(() -> accounts.add(admin(), new AddUser(null, OTHER, "viewer")), Code.UNPROCESSABLE);
        assertRefused(() -> accounts.add(admin(), new AddUser("a", null, "viewer")), Code.UNPROCESSABLE);
        assertRefused(() -> accounts.add(admin(), new AddUser("a", "password1234", "viewer")), Code.UNPROCESSABLE);
        for (String role : new String[] {null, "", "ADMIN", "worker", "collector", "root"}) {
            assertRefused(() -> accounts.add(admin(), new AddUser("a", OTHER, role)), Code.UNPROCESSABLE);
        }
        accounts.add(admin(), new AddUser("a", OTHER, "viewer"));
        assertRefused(() -> accounts.add(admin(), new AddUser("a", OTHER, "admin")), Code.NAME_TAKEN);
        assertRefused(() -> accounts.setPassword(admin(), "b", OTHER), Code.NOT_FOUND);
        assertRefused(() -> accounts.setPassword(admin(), "a", null), Code.UNPROCESSABLE);
    }

    @ParameterizedTest
    @EnumSource
    void theLastAdministratorStays(Engine engine) throws Exception {
        open(engine);
        adminPassword.firstStart(Optional.of(new Secret(PASSWORD)));
        assertRefused(() -> accounts.remove(admin(), "admin"), Code.CONFLICT);
        accounts.add(admin(), new AddUser("root", OTHER, "admin"));
        accounts.remove(admin(), "admin");
        assertRefused(() -> accounts.remove(admin(), "root"), Code.CONFLICT);
    }

    @ParameterizedTest
    @EnumSource
    void aRemovedUserLeavesNoTokenBehind(Engine engine) throws Exception {
        open(engine);
        adminPassword.firstStart(Optional.of(new Secret(PASSWORD)));
        accounts.add(admin(), new AddUser("root", OTHER, "admin"));
        String token = tokens.issue(caller(login("root", OTHER)), new IssueToken("ci", "viewer", 60, List.of()))
                .token();
        TokenAuthenticator judge = new TokenAuthenticator(tokens, clock);
        judge.authenticate(new Presented(token, HERE));
        accounts.remove(admin(), "root");
        assertRefused(() -> judge.authenticate(new Presented(token, HERE)), Code.KEY_REVOKED);
    }

    @ParameterizedTest
    @EnumSource
    void aNewPasswordEndsTheOtherSessions(Engine engine) throws Exception {
        open(engine);
        accounts.add(admin(), new AddUser("bob", PASSWORD, "viewer"));
        String mine = login("bob", PASSWORD);
        String stolen = login("bob", PASSWORD);
        accounts.setPassword(caller(mine), "bob", OTHER);
        caller(mine);
        assertRefused(() -> caller(stolen), Code.KEY_REVOKED);
        accounts.setPassword(admin(), "bob", PASSWORD);
        assertRefused(() -> caller(mine), Code.KEY_REVOKED);
    }

    @ParameterizedTest
    @EnumSource
    void aPasswordCountsAsItIsHoweverLongAndForHoweverLong(Engine engine) throws Exception {
        open(engine);
        String password = "Blue-horse-9-lamp ".repeat(14) + "#end";
        assertThat(password).hasSize(256);
        accounts.add(admin(), new AddUser("bob", password, "viewer"));
        clock.advance(Duration.ofDays(3_650));
        login("bob", password);
        for (String other : List.of(
                password.substring(0, 255), password.toLowerCase(Locale.ROOT), password + "#", " " + password)) {
            assertRefused(() -> login("bob", other), Code.LOGIN_REFUSED);
        }
    }

    @ParameterizedTest
    @EnumSource
    void onlyAdministratorsSetOthersPasswords(Engine engine) throws Exception {
        open(engine);
        accounts.add(admin(), new AddUser("bob", PASSWORD, "operator"));
        accounts.add(admin(), new AddUser("carol", PASSWORD, "viewer"));
        Caller bob = caller(login("bob", PASSWORD));
        assertRefused(() -> accounts.setPassword(bob, "carol", OTHER), Code.ROLE_MISSING);
        Caller token = new Caller(Caller.Kind.TOKEN, "bob", Role.OPERATOR, "", HERE);
        assertRefused(() -> accounts.setPassword(token, "bob", OTHER), Code.ROLE_MISSING);
    }

    @ParameterizedTest
    @EnumSource
    void sessionsEndWhenIdleAndAtTheirAbsoluteEnd(Engine engine) throws Exception {
        open(engine);
        accounts.add(admin(), new AddUser("bob", PASSWORD, "viewer"));
        String idle = login("bob", PASSWORD);
        clock.advance(Duration.ofMinutes(30).minusMillis(1));
        caller(idle);
        clock.advance(Duration.ofMinutes(30));
        assertRefused(() -> caller(idle), Code.KEY_EXPIRED);

        String busy = login("bob", PASSWORD);
        for (int i = 0; i < 12 * 60 - 1; i += 29) {
            caller(busy);
            clock.advance(Duration.ofMinutes(29));
        }
        assertRefused(() -> caller(busy), Code.KEY_EXPIRED);
    }

    @ParameterizedTest
    @EnumSource
    void aSessionThatLoggedOutIsOver(Engine engine) throws Exception {
        open(engine);
        accounts.add(admin(), new AddUser("bob", PASSWORD, "viewer"));
        String session = login("bob", PASSWORD);
        Caller bob = caller(session);
        assertThat(bob).isEqualTo(new Caller(Caller.Kind.USER, "bob", Role.VIEWER, bob.keyId(), HERE));
        sessions.end(bob);
        assertRefused(() -> caller(session), Code.KEY_REVOKED);
        assertRefused(() -> caller(FixtureKeys.forged(session)), Code.KEY_UNKNOWN);
        assertRefused(() -> caller(KeyString.generate(KeyString.Kind.SESSION).reveal()), Code.KEY_UNKNOWN);
    }

    @ParameterizedTest
    @EnumSource
    void guessingIsSlowedDownByAddressAndLocksNobodyOut(Engine engine) throws Exception {
        open(engine);
        accounts.add(admin(), new AddUser("bob", PASSWORD, "viewer"));
        for (int i = 0; i < 15; i++) {
            login("bob", PASSWORD);
        }
        for (int i = 0; i < 10; i++) {
            assertRefused(() -> login("bob", OTHER), Code.LOGIN_REFUSED);
        }
        assertRefused(() -> login("bob", PASSWORD), Code.TOO_MANY_REQUESTS);
        assertRefused(() -> logins.check(HERE), Code.TOO_MANY_REQUESTS);
        logins.check(ELSEWHERE);
        logins.login(new Login.Request("bob", PASSWORD), ELSEWHERE);
        nanos.addAndGet(Duration.ofSeconds(6).toNanos());
        login("bob", PASSWORD);
    }

    @ParameterizedTest
    @EnumSource
    void manyGuessesAtOnceGainNothing(Engine engine) throws Exception {
        open(engine);
        ExecutorService threads = Executors.newFixedThreadPool(30);
        try {
            List<Callable<Code>> guesses =
                    Collections.nCopies(30, () -> refusal("admin", OTHER).code());
            List<Code> codes = new ArrayList<>();
            for (Future<Code> guess : threads.invokeAll(guesses)) {
                codes.add(guess.get());
            }
            assertThat(codes).filteredOn(Code.LOGIN_REFUSED::equals).hasSize(10);
            assertThat(codes).filteredOn(Code.TOO_MANY_REQUESTS::equals).hasSize(20);
        } finally {
            threads.shutdownNow();
        }
    }

    @ParameterizedTest
    @EnumSource
    void anUnknownUserLooksLikeAWrongPassword(Engine engine) throws Exception {
        open(engine);
        accounts.add(admin(), new AddUser("bob", PASSWORD, "viewer"));
        Refusal wrong = refusal("bob", OTHER);
        assertThat(refusal("nobody", OTHER).detail()).isEqualTo(wrong.detail());
        assertThat(refusal(null, null).detail()).isEqualTo(wrong.detail());
        assertThat(refusal("bob", "x".repeat(5_000)).detail()).isEqualTo(wrong.detail());
        assertThat(refusal("' OR 1=1 --", OTHER).detail()).isEqualTo(wrong.detail());
    }

    private Refusal refusal(String name, String password) {
        try {
            login(name, password);
        } catch (Refusal refusal) {
            return refusal;
        }
        throw new AssertionError("no refusal");
    }
}
