-- The ledger, version 5: checkpoints of the journal, and what was purged when its time was over. Facts, markup, digests,
-- judgements and the journal are never purged: evidence rests on them.

CREATE TABLE checkpoint (        -- a row of the journal that somebody vouches for: what is before it cannot change unseen
  seq         INTEGER PRIMARY KEY,
  hash        BLOB NOT NULL,
  at          INTEGER NOT NULL,
  agency      TEXT NOT NULL,
  certificate BLOB,              -- DER, of the key that signed; NULL: nobody did
  value       BLOB               -- the signature over the text of ledger/journal_chain.hpp
) STRICT;

ALTER TABLE blob ADD COLUMN purged INTEGER;      -- since when its text is gone, here and in the spool; NULL: it is kept
ALTER TABLE envelope ADD COLUMN purged INTEGER;  -- since when its texts are not needed for it; a sent copy loses its markup too
ALTER TABLE message ADD COLUMN purged INTEGER;
CREATE INDEX message_kept ON message(kind, accepted_at) WHERE purged IS NULL;
CREATE INDEX event_of_text ON event(text) WHERE text IS NOT NULL;  -- what events have in common goes with the last of them
