-- What a list tells of a recording stands before its bytes, which may be many pages. Recordings are for a look soon
-- after: those in the former shape are let go.
DROP TABLE recordings;
CREATE TABLE recordings (
  seq INTEGER PRIMARY KEY NOT NULL,
  id BLOB NOT NULL,
  at INTEGER NOT NULL,
  size INTEGER NOT NULL,
  facts TEXT NOT NULL,
  sealed TEXT NOT NULL
);
CREATE INDEX recordings_by_id ON recordings (id);
