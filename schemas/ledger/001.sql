-- The ledger, version 1 (architecture D2, D3, D5, D7). Times are INTEGER milliseconds UTC, keys of messages are
-- 16-byte ULIDs, digests 32-byte SHA-256. States and kinds are the small numbers of gateway/model.

CREATE TABLE blob (              -- attachment texts; rows here are the reference set of the spool
  sha256   BLOB PRIMARY KEY,
  bytes    INTEGER NOT NULL,
  text     BLOB,                 -- small texts live here; NULL: in the spool
  created  INTEGER NOT NULL
) STRICT;

CREATE TABLE envelope (          -- exact bytes of an envelope: skeleton with holes
  id       INTEGER PRIMARY KEY,
  format   INTEGER NOT NULL,     -- of skeleton and holes; readers of old formats stay for ever
  sha256   BLOB NOT NULL,        -- of the whole, texts spliced in
  bytes    INTEGER NOT NULL,
  skeleton BLOB NOT NULL
) STRICT;

CREATE TABLE hole (
  envelope INTEGER NOT NULL REFERENCES envelope(id),
  ordinal  INTEGER NOT NULL,
  offset   INTEGER NOT NULL,     -- in the skeleton
  blob     BLOB NOT NULL REFERENCES blob(sha256),
  bytes    INTEGER NOT NULL,
  has_cr   INTEGER NOT NULL,
  PRIMARY KEY (envelope, ordinal)
) STRICT, WITHOUT ROWID;
CREATE INDEX hole_blob ON hole(blob);

CREATE TABLE message (           -- one accepted envelope, a document or a status
  id            BLOB PRIMARY KEY,
  kind          INTEGER NOT NULL,
  origin        TEXT NOT NULL,     -- endpoint it came through; '' = made by the gateway itself
  idem_key      TEXT,              -- with origin: the idempotency key
  idem_digest   BLOB,
  from_key      TEXT NOT NULL,     -- sender after alias resolution
  from_code     TEXT NOT NULL,     -- as written
  from_name     TEXT NOT NULL,
  external_id   TEXT NOT NULL,
  document_id   TEXT NOT NULL,     -- as written
  document_key  TEXT NOT NULL,     -- NFC, trimmed; statuses: of the document they speak of, like the next three
  number        TEXT NOT NULL,     -- "251/TMĐT-TTTH", as written
  number_key    TEXT NOT NULL,     -- NFC, trimmed
  issued        TEXT NOT NULL,     -- yyyy-MM-dd or as written
  subject       TEXT NOT NULL,
  business_type INTEGER NOT NULL,
  priority      INTEGER NOT NULL,
  digest        BLOB,              -- business digest of documents
  envelope      INTEGER NOT NULL REFERENCES envelope(id),
  accepted_at   INTEGER NOT NULL,
  about         BLOB REFERENCES message(id),  -- statuses: the document; NULL: unmatched
  status_code   TEXT NOT NULL DEFAULT '',
  status_text   TEXT NOT NULL DEFAULT '',
  status_time   TEXT NOT NULL DEFAULT '',     -- as written
  status_at     INTEGER NOT NULL DEFAULT 0,
  organ_key     TEXT NOT NULL DEFAULT ''      -- statuses: ResponseFor/OrganId after alias resolution
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX message_idem ON message(origin, idem_key) WHERE idem_key IS NOT NULL;
CREATE INDEX message_digest ON message(digest) WHERE digest IS NOT NULL;
CREATE INDEX message_document ON message(document_key) WHERE kind = 0;
CREATE INDEX message_number ON message(number_key, from_key) WHERE kind = 0;
CREATE INDEX message_external ON message(external_id) WHERE external_id <> '';
CREATE INDEX message_accepted ON message(accepted_at);
CREATE INDEX message_about ON message(about) WHERE about IS NOT NULL;
CREATE INDEX message_waiting_document ON message(document_key) WHERE kind = 1 AND about IS NULL;  -- unmatched statuses
CREATE INDEX message_waiting_number ON message(number_key) WHERE kind = 1 AND about IS NULL;

CREATE TABLE attachment (
  message      BLOB NOT NULL REFERENCES message(id),
  ordinal      INTEGER NOT NULL,
  name         TEXT NOT NULL,
  description  TEXT NOT NULL,
  content_type TEXT NOT NULL,
  blob         BLOB NOT NULL REFERENCES blob(sha256),
  text_bytes   INTEGER NOT NULL,
  wrapped      INTEGER NOT NULL,
  file_sha256  BLOB NOT NULL,
  file_bytes   INTEGER NOT NULL,
  PRIMARY KEY (message, ordinal)
) STRICT, WITHOUT ROWID;

CREATE TABLE delivery (          -- one message on its way to one endpoint
  id        INTEGER PRIMARY KEY,
  message   BLOB NOT NULL REFERENCES message(id),
  endpoint  TEXT NOT NULL,
  thread    BLOB NOT NULL,       -- the document it belongs to: deliveries of one thread leave in order
  state     INTEGER NOT NULL,
  priority  INTEGER NOT NULL,
  due       INTEGER NOT NULL,
  life_until INTEGER NOT NULL,
  attempts  INTEGER NOT NULL DEFAULT 0,
  envelope  INTEGER NOT NULL REFERENCES envelope(id),  -- the rendition: the same bytes at every attempt
  reason    TEXT NOT NULL DEFAULT '',
  detail    TEXT NOT NULL DEFAULT '',
  remote_id TEXT NOT NULL DEFAULT '',
  event_type TEXT NOT NULL DEFAULT '',  -- of a passive delivery; '': a lane sends it
  event_data TEXT NOT NULL DEFAULT '',  -- while held: the event its release will give
  created   INTEGER NOT NULL,
  changed   INTEGER NOT NULL
) STRICT;
CREATE INDEX delivery_due ON delivery(endpoint, state, priority, due) WHERE state IN (0, 3);
CREATE INDEX delivery_thread ON delivery(endpoint, thread, id) WHERE state IN (0, 1, 3);
CREATE INDEX delivery_open ON delivery(endpoint, state) WHERE state <> 7;
CREATE INDEX delivery_message ON delivery(message);

CREATE TABLE recipient (         -- message × agency: carries the business status
  message     BLOB NOT NULL REFERENCES message(id),
  ordinal     INTEGER NOT NULL,
  code        TEXT NOT NULL,     -- as written
  key         TEXT NOT NULL,     -- after alias resolution
  name        TEXT NOT NULL,
  delivery    INTEGER REFERENCES delivery(id),
  status      TEXT NOT NULL DEFAULT '',
  status_text TEXT NOT NULL DEFAULT '',
  status_at   INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (message, ordinal)
) STRICT, WITHOUT ROWID;
CREATE INDEX recipient_delivery ON recipient(delivery);

CREATE TABLE status_seen (       -- every status applied to a recipient, and the key that makes a repeat harmless
  about     BLOB NOT NULL REFERENCES message(id),
  recipient INTEGER NOT NULL,
  code      TEXT NOT NULL,
  time      TEXT NOT NULL,
  text      TEXT NOT NULL,
  message   BLOB NOT NULL REFERENCES message(id),
  PRIMARY KEY (about, recipient, code, time, text)
) STRICT, WITHOUT ROWID;

CREATE TABLE attempt (           -- on disk before its first byte leaves
  delivery INTEGER NOT NULL REFERENCES delivery(id),
  number   INTEGER NOT NULL,
  begun    INTEGER NOT NULL,
  settled  INTEGER,
  verdict  TEXT NOT NULL DEFAULT '',
  reason   TEXT NOT NULL DEFAULT '',
  detail   TEXT NOT NULL DEFAULT '',
  PRIMARY KEY (delivery, number)
) STRICT, WITHOUT ROWID;

CREATE TABLE incoming (          -- what an axis listed: listed → stored → acknowledged | quarantined
  endpoint TEXT NOT NULL,
  doc_id   TEXT NOT NULL,
  kind     INTEGER NOT NULL,
  state    INTEGER NOT NULL,
  message  BLOB,                 -- NULL: quarantined, or without effect
  envelope INTEGER REFERENCES envelope(id),  -- quarantined: the raw bytes
  raw      BLOB,                             -- quarantined and not even an envelope
  reason   TEXT NOT NULL DEFAULT '',
  detail   TEXT NOT NULL DEFAULT '',
  at       INTEGER NOT NULL,
  PRIMARY KEY (endpoint, doc_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX incoming_message ON incoming(message) WHERE message IS NOT NULL;
CREATE INDEX incoming_quarantined ON incoming(at) WHERE state = 3;

CREATE TABLE event (             -- what an endpoint's software is told
  endpoint TEXT NOT NULL,
  seq      INTEGER NOT NULL,
  type     TEXT NOT NULL,
  at       INTEGER NOT NULL,
  message  BLOB NOT NULL,
  delivery INTEGER,              -- the delivery its acknowledgement completes
  data     TEXT NOT NULL,
  PRIMARY KEY (endpoint, seq)
) STRICT, WITHOUT ROWID;
CREATE INDEX event_unmatched ON event(message) WHERE type = 'status.unmatched';

CREATE TABLE endpoint_state (
  endpoint TEXT PRIMARY KEY,
  seq      INTEGER NOT NULL DEFAULT 0,    -- last event given
  acked    INTEGER NOT NULL DEFAULT 0,    -- last event acknowledged
  polled   INTEGER NOT NULL DEFAULT 0     -- last successful poll of the counterpart
) STRICT, WITHOUT ROWID;

CREATE TABLE journal (           -- timeline, source of the audit: each row chained to the one before
  seq      INTEGER PRIMARY KEY,
  at       INTEGER NOT NULL,
  actor    TEXT NOT NULL,
  kind     TEXT NOT NULL,
  message  BLOB,
  delivery INTEGER,
  facts    TEXT NOT NULL,
  hash     BLOB NOT NULL
) STRICT;
CREATE INDEX journal_message ON journal(message) WHERE message IS NOT NULL;
