-- Less to write for a post that comes in by the API: each index that knows it is a page of its commit. What is open of the
-- documents is found by when they planned it, and they did not plan this one.
DROP INDEX delivery_open;
CREATE INDEX delivery_open ON delivery (base_slot) WHERE published = 0 AND base_slot IS NOT NULL;
