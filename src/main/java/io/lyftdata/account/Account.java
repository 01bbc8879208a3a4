package io.lyftdata.account;

import io.lyftdata.api.Accounts.User;
import io.lyftdata.auth.Role;
import java.time.Instant;

/**
 * A person who may log in.
 *
 * @param password the hash, a PHC string
 * @param generation counts the passwords that the name has had
 */
public record Account(
        String name, Role role, String password, Instant createdAt, Instant passwordChangedAt, long generation) {
    User view() {
        return new User(name, role.wire(), createdAt, passwordChangedAt);
    }

    @Override
    public String toString() {
        return "Account[name=" + name + ", role=" + role + "]";
    }
}
