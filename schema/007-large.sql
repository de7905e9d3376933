-- What makes a queue of a million deliveries as quick to look at as one of a thousand.

-- What takes a time of a slot, or was sent through one, however long ago: the planner asks for all of them at each load,
-- and must not go through everything that people added at a time of their own.
CREATE INDEX delivery_slotted ON delivery (slot, state) WHERE slot_name IS NOT NULL;

CREATE INDEX delivery_series ON delivery (series, slot, post_id, account) WHERE series IS NOT NULL;

-- How many deliveries of an account are in each state: counting them would take a second.
CREATE TABLE tally (
    account TEXT    NOT NULL,
    state   TEXT    NOT NULL,
    count   INTEGER NOT NULL CHECK (count >= 0),
    PRIMARY KEY (account, state)
) STRICT, WITHOUT ROWID;

INSERT INTO tally (account, state, count) SELECT account, state, count(*) FROM delivery GROUP BY account, state;

CREATE TRIGGER delivery_comes AFTER INSERT ON delivery
BEGIN
    INSERT INTO tally (account, state, count) VALUES (new.account, new.state, 1)
        ON CONFLICT (account, state) DO UPDATE SET count = count + 1;
END;

CREATE TRIGGER delivery_moves AFTER UPDATE OF state ON delivery WHEN old.state <> new.state
BEGIN
    UPDATE tally SET count = count - 1 WHERE account = new.account AND state = old.state;
    INSERT INTO tally (account, state, count) VALUES (new.account, new.state, 1)
        ON CONFLICT (account, state) DO UPDATE SET count = count + 1;
END;
