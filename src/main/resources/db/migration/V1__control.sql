-- Instants are epoch milliseconds; ids are ours; one SQL for SQLite and PostgreSQL.

CREATE TABLE account (
    name TEXT PRIMARY KEY,
    role TEXT NOT NULL,
    password TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    password_changed_at BIGINT NOT NULL,
    -- Counts the passwords of the name; the ledger holds the newest.
    generation BIGINT NOT NULL
);

CREATE TABLE session (
    id TEXT PRIMARY KEY,
    account TEXT NOT NULL REFERENCES account (name) ON DELETE CASCADE,
    hash TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    last_used_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    revoked_at BIGINT,
    -- The ledger's last entry when it began: a later cut-off ends it.
    ledger BIGINT NOT NULL
);
CREATE INDEX session_by_account ON session (account);

CREATE TABLE token (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    role TEXT NOT NULL,
    owner TEXT NOT NULL,
    sources TEXT NOT NULL,
    hash TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    last_used_at BIGINT,
    revoked_at BIGINT,
    ledger BIGINT NOT NULL
);

CREATE TABLE worker (
    id TEXT PRIMARY KEY,
    state TEXT NOT NULL,
    labels TEXT NOT NULL,
    identity TEXT UNIQUE,
    first_key_hash TEXT,
    created_at BIGINT NOT NULL,
    admitted_by TEXT,
    admitted_from TEXT,
    admitted_at BIGINT
);

CREATE INDEX worker_by_admission ON worker (admitted_by);

-- Each label that counts, or ever did.
CREATE TABLE worker_label (
    label TEXT NOT NULL,
    value TEXT NOT NULL,
    worker_id TEXT NOT NULL REFERENCES worker (id),
    PRIMARY KEY (label, value, worker_id)
);

-- Identities that ended with a removal or reset: none of them ever comes in again.
CREATE TABLE ended_identity (
    identity TEXT PRIMARY KEY,
    worker_id TEXT NOT NULL REFERENCES worker (id),
    ended_at BIGINT NOT NULL
);

-- That two processes acted as one worker, the last time that they did.
CREATE TABLE clone_alarm (
    worker_id TEXT PRIMARY KEY REFERENCES worker (id) ON DELETE CASCADE,
    identity TEXT NOT NULL,
    ledger BIGINT NOT NULL,
    seen_at BIGINT NOT NULL,
    instance TEXT NOT NULL,
    address TEXT NOT NULL,
    other_instance TEXT NOT NULL,
    other_address TEXT NOT NULL
);

CREATE TABLE heartbeat (
    worker_id TEXT PRIMARY KEY REFERENCES worker (id) ON DELETE CASCADE,
    seen_at BIGINT NOT NULL,
    address TEXT NOT NULL,
    instance_id TEXT NOT NULL,
    version TEXT NOT NULL,
    uptime_seconds BIGINT NOT NULL,
    tls_mode TEXT NOT NULL,
    claimed TEXT NOT NULL,
    clock_skew_millis BIGINT NOT NULL
);

CREATE TABLE api_key (
    id TEXT PRIMARY KEY,
    worker_id TEXT NOT NULL REFERENCES worker (id),
    kind TEXT NOT NULL,
    state TEXT NOT NULL,
    hash TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT,
    first_used_at BIGINT,
    superseded_at BIGINT,
    revoked_at BIGINT,
    ledger BIGINT NOT NULL,
    -- The last order to rotate when it was made: a later one is about it.
    rotation BIGINT NOT NULL
);
CREATE INDEX api_key_by_worker ON api_key (worker_id);

-- What was told to rotate: the keys that were made before, of one worker, or of all that have the labels.
CREATE TABLE rotation_order (
    number BIGINT PRIMARY KEY,
    worker_id TEXT,
    labels TEXT NOT NULL,
    ordered_at BIGINT NOT NULL,
    ordered_by TEXT NOT NULL,
    deadline BIGINT,
    overlap_millis BIGINT
);

CREATE TABLE enrollment_secret (
    id TEXT PRIMARY KEY,
    hash TEXT NOT NULL UNIQUE,
    -- How the ledger calls it.
    fingerprint TEXT NOT NULL,
    active BOOLEAN NOT NULL,
    created_at BIGINT NOT NULL,
    created_by TEXT NOT NULL,
    -- Until then workers may still join by it; NULL while it is active.
    retired_at BIGINT,
    expires_at BIGINT,
    use_limit BIGINT,
    sources TEXT NOT NULL,
    labels TEXT NOT NULL,
    admitted BIGINT NOT NULL,
    last_used_at BIGINT,
    last_used_by TEXT
);

-- What an installation remembers of itself, such as the fingerprint of the last password reset.
CREATE TABLE installation_fact (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
);

-- The chain. The position is INTEGER, not BIGINT, so that it is SQLite's own row id.
CREATE TABLE audit (
    position INTEGER PRIMARY KEY,
    segment TEXT NOT NULL,
    time BIGINT NOT NULL,
    action TEXT NOT NULL,
    actor_kind TEXT NOT NULL,
    actor TEXT NOT NULL,
    key_id TEXT NOT NULL,
    address TEXT NOT NULL,
    proxy TEXT NOT NULL,
    request_id TEXT NOT NULL,
    subject TEXT NOT NULL,
    difference TEXT NOT NULL,
    outcome TEXT NOT NULL,
    count BIGINT NOT NULL,
    ledger BIGINT,
    previous TEXT NOT NULL,
    hash TEXT NOT NULL
);

-- One for each filter, in the order of the list.
CREATE INDEX audit_by_time ON audit (time, position);
CREATE INDEX audit_by_action ON audit (action, time, position);
CREATE INDEX audit_by_actor ON audit (actor, time, position);
CREATE INDEX audit_by_subject ON audit (subject, time, position);
CREATE INDEX audit_by_address ON audit (address, time, position);
CREATE INDEX audit_by_outcome ON audit (outcome, time, position) WHERE outcome <> 'done';

-- Behind which record the chain begins, since those up to it were exported and deleted; the newest counts.
CREATE TABLE audit_checkpoint (
    position BIGINT PRIMARY KEY,
    segment TEXT NOT NULL,
    hash TEXT NOT NULL,
    time BIGINT NOT NULL,
    signature TEXT NOT NULL
);

-- Up to which record the chain is elsewhere: in files (export), or at a collector (target HOST:PORT).
CREATE TABLE audit_mark (
    name TEXT PRIMARY KEY,
    position BIGINT NOT NULL,
    hash TEXT NOT NULL
);

-- Which bundle of authorities a worker keeps, as it says; empty for none.
CREATE TABLE authority_bundle (
    worker_id TEXT PRIMARY KEY,
    revision TEXT NOT NULL
);

-- Pins of authorities that are never trusted again, as the ledger says.
CREATE TABLE authority_retired (
    pin TEXT PRIMARY KEY
);

-- How far the ledger has been followed: one row, or none before the ledger's first entry.
CREATE TABLE ledger (
    id TEXT PRIMARY KEY,
    sequence BIGINT NOT NULL,
    hash TEXT NOT NULL
);

-- The furthest head of a segment that a worker has seen and the chain does not hold. The acknowledgement is a signature:
-- who can write here cannot make one. NULL: the alarm is open.
CREATE TABLE audit_alarm (
    segment TEXT PRIMARY KEY,
    position BIGINT NOT NULL,
    hash TEXT NOT NULL,
    worker_id TEXT NOT NULL,
    acknowledgement TEXT
);

-- When an entry of the allowlist last let somebody in, to the day.
CREATE TABLE allowlist_use (
    entry TEXT PRIMARY KEY,
    used_at BIGINT NOT NULL
);

-- What the last recorded run of the posture's checks found, and since when.
CREATE TABLE posture_finding (
    check_id TEXT NOT NULL,
    subject TEXT NOT NULL,
    since BIGINT NOT NULL,
    PRIMARY KEY (check_id, subject)
);

-- What was in force from a time on; the settings are JSON, secrets as fingerprints.
CREATE TABLE settings_revision (
    number BIGINT PRIMARY KEY,
    time BIGINT NOT NULL,
    actor TEXT NOT NULL,
    file TEXT,
    settings TEXT NOT NULL
);

-- What was made here, whether the file is still there or not, and when it was last opened and found whole.
CREATE TABLE backup (
    sha256 TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    proven_at BIGINT
);
