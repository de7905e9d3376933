-- The history becomes the audit trail: what kind of thing happened, from where, what was before and after, and the hash
-- that chains each entry to the one before (queue/audit.h says of what). What is here already has no hash: the chain begins
-- with the first entry that is written after this migration.

DROP TRIGGER history_is_fixed;

ALTER TABLE history ADD COLUMN kind TEXT NOT NULL DEFAULT 'delivery';
ALTER TABLE history ADD COLUMN via TEXT;
ALTER TABLE history ADD COLUMN before_json TEXT;
ALTER TABLE history ADD COLUMN after_json TEXT;
ALTER TABLE history ADD COLUMN hash TEXT CHECK (hash IS NULL OR length(hash) = 64);

UPDATE history SET kind = 'account' WHERE delivery IS NULL;

-- What is shown beside a post for ever.
CREATE INDEX history_override ON history (delivery) WHERE kind = 'override';

CREATE TRIGGER history_is_fixed BEFORE UPDATE ON history
BEGIN SELECT RAISE(ABORT, 'history is never changed'); END;
