-- A crisis: while there is one nothing is published, but what a person let go.

CREATE TABLE crisis (
    account TEXT    NOT NULL PRIMARY KEY,                    -- '*': all of them
    since   INTEGER NOT NULL,
    who     TEXT    NOT NULL,
    why     TEXT    NOT NULL
) STRICT;

-- When it was let go in a crisis; 0: it was not, or it was changed since.
ALTER TABLE delivery ADD COLUMN released INTEGER NOT NULL DEFAULT 0;

CREATE INDEX delivery_released ON delivery (account, slot) WHERE released > 0;
