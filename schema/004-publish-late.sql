-- What a person said of one delivery: whether it is published however late it is. NULL: as its entry in the calendar
-- says; a spontaneous post has none, and follows the policy of its account.

ALTER TABLE delivery ADD COLUMN publish_late TEXT CHECK (publish_late IN ('yes', 'no'));
