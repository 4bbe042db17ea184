-- The ledger, version 3: the bytes that judgements rest on beside the certificates, each once. Kept when payload is
-- purged: with them a judgement can be made again without a network.

CREATE TABLE material (
  sha256 BLOB PRIMARY KEY,
  kind   TEXT NOT NULL,     -- of signature::Material: crl, ocsp, time_stamp, cms, …
  der    BLOB NOT NULL,
  added  INTEGER NOT NULL
) STRICT;

CREATE TABLE judgement_material (
  message BLOB NOT NULL,
  part    INTEGER NOT NULL,
  sha256  BLOB NOT NULL REFERENCES material(sha256),
  PRIMARY KEY (message, part, sha256),
  FOREIGN KEY (message, part) REFERENCES judgement(message, part)
) STRICT, WITHOUT ROWID;
CREATE INDEX judgement_material_sha256 ON judgement_material(sha256);
