-- cald's queue. Applied once, in one transaction; never edited once released: a change is the next number.
--
-- Instants are milliseconds since 1970 in UTC; 9223372036854775807 is never. Names are stored, never numbers.
-- For PostgreSQL: INTEGER is BIGINT, BLOB is BYTEA, STRICT goes, and the triggers are written in its way.

CREATE TABLE account (
    name           TEXT    NOT NULL PRIMARY KEY,             -- '*': all of them
    paused         INTEGER NOT NULL DEFAULT 0 CHECK (paused IN (0, 1)),
    paused_why     TEXT,
    braked_until   INTEGER NOT NULL DEFAULT 0,
    brake_why      TEXT,
    reconnect      INTEGER NOT NULL DEFAULT 0 CHECK (reconnect IN (0, 1)),
    failures       INTEGER NOT NULL DEFAULT 0,
    last_published INTEGER NOT NULL DEFAULT 0
) STRICT;

INSERT INTO account (name) VALUES ('*');

-- One post to one account. The long columns come last, so that reading the others does not touch them.
CREATE TABLE delivery (
    id           INTEGER PRIMARY KEY,
    post_id      TEXT    NOT NULL,
    account      TEXT    NOT NULL REFERENCES account (name),
    network      TEXT    NOT NULL,
    state        TEXT    NOT NULL CHECK (state IN ('draft', 'ready', 'held', 'waiting', 'sending', 'unsure',
                                                   'published', 'refused', 'missed', 'cancelled')),
    slot         INTEGER NOT NULL,
    due          INTEGER NOT NULL,
    delivery_key TEXT    NOT NULL CHECK (length(delivery_key) = 32),
    content_hash TEXT    NOT NULL,
    base_hash    TEXT,                                       -- the file's entry as last applied: content, …
    base_slot    INTEGER,
    base_draft   INTEGER,
    removed      INTEGER NOT NULL DEFAULT 0 CHECK (removed IN (0, 1)), -- cancelled because the file lost it
    origin       TEXT    NOT NULL CHECK (origin IN ('calendar', 'series', 'spontaneous')),
    series       TEXT,
    slot_name    TEXT,
    bucket       TEXT,
    source       TEXT,
    prepared     INTEGER NOT NULL DEFAULT 0 CHECK (prepared IN (0, 1)),
    lost         INTEGER NOT NULL DEFAULT 0 CHECK (lost IN (0, 1)),
    overridden   INTEGER NOT NULL DEFAULT 0 CHECK (overridden IN (0, 1)),
    attempts     INTEGER NOT NULL DEFAULT 0,
    failures     INTEGER NOT NULL DEFAULT 0,
    first_sent   INTEGER NOT NULL DEFAULT 0,
    published    INTEGER NOT NULL DEFAULT 0,
    remote_id    TEXT,
    remote_url   TEXT,
    author       TEXT,
    version      INTEGER NOT NULL DEFAULT 1,
    created      INTEGER NOT NULL,
    updated      INTEGER NOT NULL,
    message      TEXT,
    memo         TEXT    NOT NULL DEFAULT '{}',              -- JSON
    content      TEXT    NOT NULL,                           -- JSON
    folded       TEXT    NOT NULL,                           -- its words in lower case, for searching
    UNIQUE (post_id, account)
) STRICT;

-- What can become due, and nothing else: finished deliveries cost nothing here. All a turn asks is in it.
CREATE INDEX delivery_due ON delivery (account, due, slot, post_id, state) WHERE state IN ('ready', 'waiting');
-- An account's line in the order of the slots, as the publisher goes along it.
CREATE INDEX delivery_line ON delivery (account, slot, post_id, state) WHERE state IN ('ready', 'waiting');
-- What could be missing from the documents: everything of theirs that is not final.
CREATE INDEX delivery_open ON delivery (base_slot, state)
    WHERE state NOT IN ('published', 'refused', 'missed', 'cancelled');
CREATE INDEX delivery_slot ON delivery (slot, post_id, account);
CREATE INDEX delivery_account_slot ON delivery (account, slot, post_id);
CREATE INDEX delivery_state_slot ON delivery (state, slot, post_id, account);
CREATE INDEX delivery_published ON delivery (published, post_id, account) WHERE published > 0;

-- One step of one try. The body is that of a creating request: what may be repeated under the key.
CREATE TABLE attempt (
    id           INTEGER PRIMARY KEY,
    delivery     INTEGER NOT NULL REFERENCES delivery (id),
    number       INTEGER NOT NULL,                           -- 1, 2, … of this delivery
    started      INTEGER NOT NULL,
    ended        INTEGER NOT NULL DEFAULT 0,
    step         TEXT    NOT NULL,
    kind         TEXT    NOT NULL CHECK (kind IN ('session', 'prepare', 'create', 'local', 'done')),
    state        TEXT    NOT NULL,                           -- of the delivery while it runs
    content_hash TEXT    NOT NULL,                           -- what it tried to publish
    request      TEXT,
    status       INTEGER NOT NULL DEFAULT 0,
    outcome      TEXT CHECK (outcome IN ('done', 'next', 'wait', 'retry', 'refused', 'unsure', 'not-found')),
    scope        TEXT CHECK (scope IN ('post', 'account', 'network')),
    message      TEXT,
    timings      TEXT,
    body         BLOB,
    UNIQUE (delivery, number)
) STRICT;

-- Who moved what, when and why. Without a delivery: something that happened to the account.
CREATE TABLE history (
    id         INTEGER PRIMARY KEY,
    delivery   INTEGER REFERENCES delivery (id),
    account    TEXT,
    at         INTEGER NOT NULL,
    who        TEXT    NOT NULL,
    from_state TEXT,
    to_state   TEXT    NOT NULL,
    why        TEXT
) STRICT;

CREATE INDEX history_delivery ON history (delivery);

-- What the operator is told by the on_failure hook: kept until each of its ways (a command, a webhook) has taken it.
-- While an episode lasts (an account that needs a person) nothing more is told of it.
CREATE TABLE alert (
    id           INTEGER PRIMARY KEY,
    alert_key    TEXT    NOT NULL CHECK (length(alert_key) = 32),
    at           INTEGER NOT NULL,
    kind         TEXT    NOT NULL,
    account      TEXT,
    episode      TEXT,
    body         TEXT    NOT NULL,                           -- JSON
    command_told INTEGER NOT NULL DEFAULT 0 CHECK (command_told IN (0, 1)),
    webhook_told INTEGER NOT NULL DEFAULT 0 CHECK (webhook_told IN (0, 1)),
    told         INTEGER NOT NULL DEFAULT 0,                 -- when all had taken it
    tries        INTEGER NOT NULL DEFAULT 0,
    due          INTEGER NOT NULL
) STRICT;

CREATE UNIQUE INDEX alert_episode ON alert (episode) WHERE episode IS NOT NULL;
CREATE INDEX alert_due ON alert (due, id) WHERE told = 0;
CREATE INDEX alert_at ON alert (at);

CREATE TABLE note (
    name  TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
) STRICT;

-- Answers that are given again when a request is repeated under its Idempotency-Key.
CREATE TABLE replay (
    request_key  TEXT    NOT NULL,
    who          TEXT    NOT NULL,
    request_hash TEXT    NOT NULL,
    status       INTEGER NOT NULL,
    body         TEXT    NOT NULL,
    at           INTEGER NOT NULL,
    PRIMARY KEY (request_key, who)
) STRICT;

CREATE INDEX replay_at ON replay (at);

CREATE TRIGGER delivery_stays BEFORE DELETE ON delivery
BEGIN SELECT RAISE(ABORT, 'a delivery is never deleted'); END;

CREATE TRIGGER delivery_key_stays BEFORE UPDATE OF post_id, account, delivery_key ON delivery
BEGIN SELECT RAISE(ABORT, 'the name and the key of a delivery never change'); END;

CREATE TRIGGER attempt_stays BEFORE DELETE ON attempt
BEGIN SELECT RAISE(ABORT, 'an attempt is never deleted'); END;

CREATE TRIGGER history_stays BEFORE DELETE ON history
BEGIN SELECT RAISE(ABORT, 'history is never deleted'); END;

CREATE TRIGGER history_is_fixed BEFORE UPDATE ON history
BEGIN SELECT RAISE(ABORT, 'history is never changed'); END;
