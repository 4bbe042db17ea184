-- The ledger, version 4: what a lane needs in order to share itself fairly (who sends, and whether it is large), whether
-- the sender was told that it is late, and endpoints that an operator holds. What the events of many units have in common is
-- kept once: a document for 500 of them names 500 recipients.

ALTER TABLE delivery ADD COLUMN origin TEXT NOT NULL DEFAULT '';     -- of its message
ALTER TABLE delivery ADD COLUMN large  INTEGER NOT NULL DEFAULT 0;   -- at least model::large_bytes
ALTER TABLE delivery ADD COLUMN warned INTEGER NOT NULL DEFAULT 0;   -- its sender knows that it is late
ALTER TABLE endpoint_state ADD COLUMN held INTEGER NOT NULL DEFAULT 0;

CREATE TABLE event_text (
  id   INTEGER PRIMARY KEY,
  data TEXT NOT NULL               -- a JSON object; the members in event.data belong into it, too
) STRICT;
ALTER TABLE event ADD COLUMN text INTEGER REFERENCES event_text(id);

UPDATE delivery SET
  origin = (SELECT m.origin FROM message m WHERE m.id = delivery.message),
  large = (SELECT e.bytes >= 1048576 FROM envelope e WHERE e.id = delivery.envelope)
WHERE state NOT IN (6, 7);

DROP INDEX delivery_due;
CREATE INDEX delivery_due ON delivery(endpoint, state, large, priority, origin, due) WHERE state IN (0, 3);
