-- Less to write when a delivery changes its state, which each does twice on its way.

-- What it says is apart from how it stands: written when it comes in or is edited, and read when it is sent.
CREATE TABLE content (
    delivery INTEGER PRIMARY KEY REFERENCES delivery (id),
    content  TEXT NOT NULL,                                  -- JSON
    folded   TEXT NOT NULL                                   -- its words in lower case, for searching
) STRICT;

INSERT INTO content (delivery, content, folded) SELECT id, content, folded FROM delivery;
ALTER TABLE delivery DROP COLUMN folded;
ALTER TABLE delivery DROP COLUMN content;

CREATE TRIGGER content_stays BEFORE DELETE ON content
BEGIN SELECT RAISE(ABORT, 'a content is never deleted'); END;

-- Of an entry of the documents that is not out. The state is no longer part of it: it would be written again with each.
DROP INDEX delivery_open;
CREATE INDEX delivery_open ON delivery (base_slot) WHERE published = 0;

-- How many deliveries of an account are in each state is in its own row: what a transaction moves is added up, and written
-- once, before the commit (queue/tally.c), not at each move.
DROP TRIGGER delivery_comes;
DROP TRIGGER delivery_moves;

ALTER TABLE account ADD COLUMN draft INTEGER NOT NULL DEFAULT 0 CHECK (draft >= 0);
ALTER TABLE account ADD COLUMN ready INTEGER NOT NULL DEFAULT 0 CHECK (ready >= 0);
ALTER TABLE account ADD COLUMN held INTEGER NOT NULL DEFAULT 0 CHECK (held >= 0);
ALTER TABLE account ADD COLUMN waiting INTEGER NOT NULL DEFAULT 0 CHECK (waiting >= 0);
ALTER TABLE account ADD COLUMN sending INTEGER NOT NULL DEFAULT 0 CHECK (sending >= 0);
ALTER TABLE account ADD COLUMN unsure INTEGER NOT NULL DEFAULT 0 CHECK (unsure >= 0);
ALTER TABLE account ADD COLUMN published INTEGER NOT NULL DEFAULT 0 CHECK (published >= 0);
ALTER TABLE account ADD COLUMN refused INTEGER NOT NULL DEFAULT 0 CHECK (refused >= 0);
ALTER TABLE account ADD COLUMN missed INTEGER NOT NULL DEFAULT 0 CHECK (missed >= 0);
ALTER TABLE account ADD COLUMN cancelled INTEGER NOT NULL DEFAULT 0 CHECK (cancelled >= 0);

UPDATE account SET
    draft = coalesce((SELECT count FROM tally WHERE account = name AND state = 'draft'), 0),
    ready = coalesce((SELECT count FROM tally WHERE account = name AND state = 'ready'), 0),
    held = coalesce((SELECT count FROM tally WHERE account = name AND state = 'held'), 0),
    waiting = coalesce((SELECT count FROM tally WHERE account = name AND state = 'waiting'), 0),
    sending = coalesce((SELECT count FROM tally WHERE account = name AND state = 'sending'), 0),
    unsure = coalesce((SELECT count FROM tally WHERE account = name AND state = 'unsure'), 0),
    published = coalesce((SELECT count FROM tally WHERE account = name AND state = 'published'), 0),
    refused = coalesce((SELECT count FROM tally WHERE account = name AND state = 'refused'), 0),
    missed = coalesce((SELECT count FROM tally WHERE account = name AND state = 'missed'), 0),
    cancelled = coalesce((SELECT count FROM tally WHERE account = name AND state = 'cancelled'), 0);

DROP TABLE tally;
