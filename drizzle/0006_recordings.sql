CREATE TABLE recordings (
  seq INTEGER PRIMARY KEY NOT NULL,
  id BLOB NOT NULL,
  at INTEGER NOT NULL,
  size INTEGER NOT NULL,
  sealed TEXT NOT NULL
);
CREATE INDEX recordings_by_id ON recordings (id);
