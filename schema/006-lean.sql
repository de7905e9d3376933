-- Less to write for each post. An IN with more than two words makes SQLite build a table each time the condition is
-- looked at, which is twice whenever a state changes; and nobody asks any more what is due in all accounts at once.

DROP INDEX delivery_due;

DROP INDEX delivery_open;
CREATE INDEX delivery_open ON delivery (base_slot)
    WHERE state <> 'published' AND state <> 'refused' AND state <> 'missed' AND state <> 'cancelled';
