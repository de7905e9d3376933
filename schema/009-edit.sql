-- Changing on its network what is published. Such a delivery stays 'published'; these say that a person asked for it, and
-- when it was last done there. 0: not.

ALTER TABLE delivery ADD COLUMN editing INTEGER NOT NULL DEFAULT 0;
ALTER TABLE delivery ADD COLUMN edited INTEGER NOT NULL DEFAULT 0;

CREATE INDEX delivery_editing ON delivery (account, editing) WHERE editing > 0;
CREATE INDEX delivery_edited ON delivery (account, edited) WHERE edited > 0;

-- What it is to say there, and who wants that, while it goes on.
CREATE TABLE edit (
    delivery INTEGER PRIMARY KEY REFERENCES delivery (id),
    content  TEXT    NOT NULL,
    who      TEXT    NOT NULL
) STRICT;
