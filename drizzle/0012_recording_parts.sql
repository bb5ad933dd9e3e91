-- A recording may be many megabytes: it lies in parts, each written on its own, so that nobody waits for all of them.
DROP TABLE recordings;
CREATE TABLE recordings (
  seq INTEGER PRIMARY KEY NOT NULL,
  id BLOB NOT NULL,
  at INTEGER NOT NULL,
  size INTEGER NOT NULL,
  is_whole INTEGER NOT NULL,
  facts TEXT NOT NULL
);
CREATE INDEX recordings_by_id ON recordings (id);
CREATE TABLE recording_parts (
  recording INTEGER NOT NULL REFERENCES recordings (seq) ON DELETE CASCADE,
  part INTEGER NOT NULL,
  sealed TEXT NOT NULL,
  PRIMARY KEY (recording, part)
);
