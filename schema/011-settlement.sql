-- Less to write for each attempt. What it is made with is written once, before the first byte leaves, and what became of it
-- is a row of its own: changing the first, which holds the body, wrote that twice.

CREATE TABLE settlement (
    attempt INTEGER PRIMARY KEY REFERENCES attempt (id),
    ended   INTEGER NOT NULL,
    outcome TEXT    NOT NULL CHECK (outcome IN ('done', 'next', 'wait', 'retry', 'refused', 'unsure', 'not-found')),
    scope   TEXT CHECK (scope IN ('post', 'account', 'network')),
    status  INTEGER NOT NULL DEFAULT 0,
    timings TEXT,
    message TEXT
) STRICT;

INSERT INTO settlement (attempt, ended, outcome, scope, status, timings, message)
    SELECT id, ended, outcome, scope, status, timings, message FROM attempt WHERE outcome IS NOT NULL ORDER BY id;

-- One step of one try. The body is that of a creating request: what may be repeated under the key. One that has no
-- settlement is still out, or its outcome was never heard of.
CREATE TABLE attempt_anew (
    id           INTEGER PRIMARY KEY,
    delivery     INTEGER NOT NULL REFERENCES delivery (id),
    number       INTEGER NOT NULL,                           -- 1, 2, … of this delivery
    started      INTEGER NOT NULL,
    step         TEXT    NOT NULL,
    kind         TEXT    NOT NULL CHECK (kind IN ('session', 'prepare', 'create', 'local', 'done')),
    state        TEXT    NOT NULL,                           -- of the delivery while it runs
    content_hash TEXT    NOT NULL,                           -- what it tries to publish
    request      TEXT,
    body         BLOB,
    UNIQUE (delivery, number)
) STRICT;

INSERT INTO attempt_anew (id, delivery, number, started, step, kind, state, content_hash, request, body)
    SELECT id, delivery, number, started, step, kind, state, content_hash, request, body FROM attempt ORDER BY id;

DROP TABLE attempt;
ALTER TABLE attempt_anew RENAME TO attempt;

CREATE TRIGGER attempt_stays BEFORE DELETE ON attempt
BEGIN SELECT RAISE(ABORT, 'an attempt is never deleted'); END;

CREATE TRIGGER attempt_is_fixed BEFORE UPDATE ON attempt
BEGIN SELECT RAISE(ABORT, 'an attempt is never changed'); END;

CREATE TRIGGER settlement_stays BEFORE DELETE ON settlement
BEGIN SELECT RAISE(ABORT, 'a settlement is never deleted'); END;

CREATE TRIGGER settlement_is_fixed BEFORE UPDATE ON settlement
BEGIN SELECT RAISE(ABORT, 'a settlement is never changed'); END;
