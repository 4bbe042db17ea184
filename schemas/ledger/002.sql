-- The ledger, version 2: what was thought of signatures, and what each judgement rests on.

CREATE TABLE judgement (
  message BLOB NOT NULL REFERENCES message(id),
  part    INTEGER NOT NULL,  -- 0: the envelope; n: its attachment n, counted from 1
  verdict TEXT NOT NULL,     -- of architecture D13: valid, weak, invalid, …
  code    TEXT NOT NULL,     -- of gateway/signature/reasons.def
  facts   TEXT NOT NULL,     -- JSON: signer, checks, chain
  PRIMARY KEY (message, part)
) STRICT, WITHOUT ROWID;
