package io.lyftdata.token;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lyftdata.api.Accounts.IssueToken;
import io.lyftdata.api.Accounts.IssuedToken;
import io.lyftdata.api.Code;
import io.lyftdata.api.Page;
import io.lyftdata.api.Refusal;
import io.lyftdata.audit.Audit;
import io.lyftdata.audit.Restrictions;
import io.lyftdata.auth.Addresses;
import io.lyftdata.auth.Caller;
import io.lyftdata.auth.Origin;
import io.lyftdata.auth.Presented;
import io.lyftdata.auth.Role;
import io.lyftdata.crypto.KeyString;
import io.lyftdata.db.Database;
import io.lyftdata.db.DatabaseOpener;
import io.lyftdata.db.Paging;
import io.lyftdata.testing.Engine;
import io.lyftdata.testing.FixtureKeys;
import io.lyftdata.testing.MovableClock;
import io.lyftdata.testing.TestLedger;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class TokensTest {
    private static final Caller ADMIN = new Caller(Caller.Kind.USER, "admin", Role.ADMIN, "", Origin.NONE);
    private static final long DAY = Duration.ofDays(1).toSeconds();

    @TempDir
    Path directory;

    private final MovableClock clock = new MovableClock();
    private final DatabaseOpener opener = new DatabaseOpener();
    private Tokens tokens;
    private TokenAuthenticator authenticator;

    private void open(Engine engine) {
        Database database = engine.open(opener, directory);
        Audit audit = new Audit(database, "00000000000000000000000000000000", clock);
        Restrictions restrictions = TestLedger.restrictions(directory, database, audit, clock);
        tokens = new Tokens(database, audit, restrictions, clock);
        authenticator = new TokenAuthenticator(tokens, clock);
    }

    @AfterEach
    void close() throws Exception {
        opener.close();
    }

    private IssuedToken issue(String... sources) {
        return tokens.issue(ADMIN, new IssueToken("ci", "viewer", DAY, List.of(sources)));
    }

    private Caller use(IssuedToken token, String address) {
        return authenticator.authenticate(
                new Presented(token.token(), new Origin(Addresses.address(address), Optional.empty())));
    }

    private static void assertRefused(ThrowingCallable call, Code code) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        Refusal.class, refusal -> assertThat(refusal.code()).isEqualTo(code));
    }

    @ParameterizedTest
    @EnumSource
    void aTokenWorksUntilTheMillisecondItExpires(Engine engine) {
        open(engine);
        IssuedToken token = issue();
        Caller caller = use(token, "192.0.2.1");
        assertThat(caller.role()).isEqualTo(Role.VIEWER);
        assertThat(caller.kind()).isEqualTo(Caller.Kind.TOKEN);
        assertThat(caller.id()).isEqualTo(token.id());
        clock.advance(Duration.ofDays(1).minusMillis(1));
        use(token, "192.0.2.1");
        clock.advance(Duration.ofMillis(1));
        assertRefused(() -> use(token, "192.0.2.1"), Code.KEY_EXPIRED);
    }

    @ParameterizedTest
    @EnumSource
    void aRevokedTokenIsRefusedAtOnceAndForEver(Engine engine) {
        open(engine);
        IssuedToken token = issue();
        tokens.revoke(ADMIN, token.id());
        assertRefused(() -> use(token, "192.0.2.1"), Code.KEY_REVOKED);
        tokens.revoke(ADMIN, token.id());
        clock.advance(Duration.ofDays(2));
        assertRefused(() -> use(token, "192.0.2.1"), Code.KEY_REVOKED);
        assertRefused(() -> tokens.revoke(ADMIN, "nothing"), Code.NOT_FOUND);
    }

    @ParameterizedTest
    @EnumSource
    void onlyItsSourcesMayUseIt(Engine engine) {
        open(engine);
        IssuedToken token = issue("192.0.2.0/24", "::ffff:198.51.100.7", "2001:db8::/64");
        use(token, "192.0.2.200");
        use(token, "::ffff:192.0.2.1");
        use(token, "198.51.100.7");
        use(token, "2001:db8::9");
        assertRefused(() -> use(token, "192.0.3.1"), Code.ADDRESS_REFUSED);
        assertRefused(() -> use(token, "2001:db8:0:1::9"), Code.ADDRESS_REFUSED);
        assertRefused(
                () -> authenticator.authenticate(
                        new Presented(token.token(), new Origin(Optional.empty(), Addresses.address("192.0.2.1")))),
                Code.ADDRESS_REFUSED);
        authenticator.authenticate(new Presented(issue().token(), Origin.NONE));
    }

    @ParameterizedTest
    @EnumSource
    void whoDoesNotKnowTheSecretLearnsNothing(Engine engine) {
        open(engine);
        IssuedToken revoked = issue();
        tokens.revoke(ADMIN, revoked.id());
        assertRefused(
                () -> authenticator.authenticate(new Presented(
                        KeyString.generate(KeyString.Kind.API_TOKEN).reveal(), Origin.NONE)),
                Code.KEY_UNKNOWN);
        assertRefused(
                () -> authenticator.authenticate(new Presented(FixtureKeys.forged(revoked.token()), Origin.NONE)),
                Code.KEY_UNKNOWN);
        assertRefused(
                () -> authenticator.authenticate(new Presented(FixtureKeys.forged(issue().token()), Origin.NONE)),
                Code.KEY_UNKNOWN);
        assertRefused(() -> authenticator.authenticate(new Presented("nonsense", Origin.NONE)), Code.KEY_UNKNOWN);
    }

    @ParameterizedTest
    @EnumSource
    void wishesAreChecked(Engine engine) {
        open(engine);
        assertRefused(() -> wish("", "viewer", DAY), Code.UNPROCESSABLE);
        assertRefused(() -> wish(null, "viewer", DAY), Code.UNPROCESSABLE);
        assertRefused(() -> wish("a\nb", "viewer", DAY), Code.UNPROCESSABLE);
        assertRefused(() -> wish("a".repeat(65), "viewer", DAY), Code.UNPROCESSABLE);
        assertRefused(() -> wish("ci", "worker", DAY), Code.UNPROCESSABLE);
        assertRefused(() -> wish("ci", null, DAY), Code.UNPROCESSABLE);
        assertRefused(() -> wish("ci", "viewer", 0), Code.UNPROCESSABLE);
        assertRefused(() -> wish("ci", "viewer", -1), Code.UNPROCESSABLE);
        assertRefused(() -> wish("ci", "viewer", 366 * DAY + 1), Code.UNPROCESSABLE);
        assertRefused(() -> wish("ci", "viewer", Long.MAX_VALUE), Code.UNPROCESSABLE);
        wish("ci", "viewer", 366 * DAY);
        for (String source : List.of("", "localhost", "010.0.0.1", "192.0.2.1/24", "0.0.0.0/0")) {
            assertRefused(() -> issue(source), Code.UNPROCESSABLE);
        }
        Caller operator = new Caller(Caller.Kind.USER, "o", Role.OPERATOR, "", Origin.NONE);
        assertRefused(() -> tokens.issue(operator, new IssueToken("ci", "admin", DAY, null)), Code.ROLE_MISSING);
    }

    private void wish(String name, String role, long seconds) {
        tokens.issue(ADMIN, new IssueToken(name, role, seconds, null));
    }

    @ParameterizedTest
    @EnumSource
    void theListShowsEveryTokenOnceWithItsState(Engine engine) {
        open(engine);
        for (int i = 0; i < 5; i++) {
            issue();
        }
        IssuedToken revoked = issue();
        tokens.revoke(ADMIN, revoked.id());
        clock.advance(Duration.ofDays(1));
        IssuedToken active = issue();
        use(active, "192.0.2.1");
        List<io.lyftdata.api.Accounts.Token> all = new ArrayList<>();
        String cursor = null;
        do {
            Page<io.lyftdata.api.Accounts.Token> page = tokens.list(Paging.of(2, cursor));
            all.addAll(page.items());
            cursor = page.next();
        } while (cursor != null);
        assertThat(all).hasSize(7).doesNotHaveDuplicates();
        assertThat(all)
                .extracting(io.lyftdata.api.Accounts.Token::state)
                .containsOnlyOnce("active")
                .containsOnlyOnce("revoked")
                .contains("expired");
        assertThat(all).filteredOn(token -> token.lastUsedAt() != null).hasSize(1);
    }
}
