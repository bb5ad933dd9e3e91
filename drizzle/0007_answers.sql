CREATE TABLE answers (
  hash BLOB PRIMARY KEY NOT NULL,
  key_id TEXT NOT NULL,
  expires_at INTEGER NOT NULL,
  size INTEGER NOT NULL,
  value TEXT NOT NULL,
  context BLOB,
  vector BLOB,
  question TEXT
);
CREATE INDEX answers_by_expiry ON answers (expires_at);
CREATE INDEX answers_by_context ON answers (context) WHERE context IS NOT NULL;
ALTER TABLE requests ADD COLUMN cache TEXT;
