-- What a later version may do: a column that every row gets a value for, and a table made from what is there.
ALTER TABLE delivery ADD COLUMN label TEXT;
UPDATE delivery SET label = state || ' of ' || account;
CREATE INDEX delivery_label ON delivery (label);

CREATE TABLE remark (
    delivery INTEGER NOT NULL REFERENCES delivery (id),
    text     TEXT    NOT NULL
) STRICT;

INSERT INTO remark (delivery, text) SELECT delivery, coalesce(why, '') FROM history WHERE delivery IS NOT NULL;
