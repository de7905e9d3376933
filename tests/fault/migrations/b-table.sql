-- A table that others refer to is made anew, which is the only way to change what it allows. Its columns are those of
-- 'account' in the newest schema.

CREATE TABLE account_anew (
    name           TEXT    NOT NULL PRIMARY KEY,
    nickname       TEXT,
    paused         INTEGER NOT NULL DEFAULT 0 CHECK (paused IN (0, 1, 2)),
    paused_why     TEXT,
    braked_until   INTEGER NOT NULL DEFAULT 0,
    brake_why      TEXT,
    reconnect      INTEGER NOT NULL DEFAULT 0 CHECK (reconnect IN (0, 1)),
    failures       INTEGER NOT NULL DEFAULT 0,
    last_published INTEGER NOT NULL DEFAULT 0,
    draft          INTEGER NOT NULL DEFAULT 0,
    ready          INTEGER NOT NULL DEFAULT 0,
    held           INTEGER NOT NULL DEFAULT 0,
    waiting        INTEGER NOT NULL DEFAULT 0,
    sending        INTEGER NOT NULL DEFAULT 0,
    unsure         INTEGER NOT NULL DEFAULT 0,
    published      INTEGER NOT NULL DEFAULT 0,
    refused        INTEGER NOT NULL DEFAULT 0,
    missed         INTEGER NOT NULL DEFAULT 0,
    cancelled      INTEGER NOT NULL DEFAULT 0
) STRICT;

INSERT INTO account_anew
    SELECT name, upper(name), paused, paused_why, braked_until, brake_why, reconnect, failures, last_published,
           draft, ready, held, waiting, sending, unsure, published, refused, missed, cancelled
    FROM account;
DROP TABLE account;
ALTER TABLE account_anew RENAME TO account;
