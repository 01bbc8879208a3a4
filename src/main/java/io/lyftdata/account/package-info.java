/** People's accounts: users, passwords, sessions and the log-in. Enter at {@link io.lyftdata.account.Accounts}. */
package io.lyftdata.account;
