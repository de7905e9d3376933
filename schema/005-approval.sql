-- Approval: what people said of one delivery, what exactly they had before them when they said it, and whom it waits for.

CREATE TABLE approval (
    id           INTEGER PRIMARY KEY,
    delivery     INTEGER NOT NULL REFERENCES delivery (id),
    at           INTEGER NOT NULL,
    kind         TEXT    NOT NULL CHECK (kind IN ('submitted', 'approved', 'rejected', 'withdrawn')),
    who          TEXT    NOT NULL,
    role         TEXT,                                       -- that they had then
    content_hash TEXT    NOT NULL,                           -- of the delivery as it was then
    slot         INTEGER NOT NULL,
    why          TEXT
) STRICT;

CREATE INDEX approval_delivery ON approval (delivery);

CREATE TRIGGER approval_stays BEFORE DELETE ON approval
BEGIN SELECT RAISE(ABORT, 'what was said of an approval is never deleted'); END;

CREATE TRIGGER approval_is_fixed BEFORE UPDATE ON approval
BEGIN SELECT RAISE(ABORT, 'what was said of an approval is never changed'); END;

-- asked: a person or the file wants it approved, whatever the charter says. review: handed in, or given back to its author.
ALTER TABLE delivery ADD COLUMN asked INTEGER NOT NULL DEFAULT 0 CHECK (asked IN (0, 1));
ALTER TABLE delivery ADD COLUMN review TEXT CHECK (review IN ('submitted', 'rejected'));
ALTER TABLE delivery ADD COLUMN changed_by TEXT;             -- who gave it its content; NULL: its author

UPDATE delivery SET asked = 1 WHERE state = 'draft';

CREATE INDEX delivery_review ON delivery (slot, post_id, account) WHERE review IS NOT NULL;

-- A draft's time is watched from now on: due is its slot. One whose time had passed already is left alone.
UPDATE delivery SET due = slot WHERE state = 'draft' AND slot > (SELECT max(updated) FROM delivery);
CREATE INDEX delivery_draft_due ON delivery (due) WHERE state = 'draft';
