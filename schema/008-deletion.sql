-- Deleting what is published. Such a delivery stays 'published', for it was; these say that a person asked to delete it on
-- its network, and when it was gone there. 0: not.

ALTER TABLE delivery ADD COLUMN deleting INTEGER NOT NULL DEFAULT 0;
ALTER TABLE delivery ADD COLUMN deleted INTEGER NOT NULL DEFAULT 0;

CREATE INDEX delivery_deleting ON delivery (account, deleting) WHERE deleting > 0;
CREATE INDEX delivery_deleted ON delivery (account, deleted) WHERE deleted > 0;
