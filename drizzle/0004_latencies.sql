CREATE TABLE latency_hourly (
  bucket INTEGER NOT NULL,
  provider TEXT NOT NULL,
  model TEXT NOT NULL,
  requests INTEGER NOT NULL,
  duration_ms INTEGER NOT NULL,
  waited_ms INTEGER NOT NULL,
  retried_ms INTEGER NOT NULL,
  first_content_ms INTEGER NOT NULL,
  durations TEXT NOT NULL,
  first_contents TEXT NOT NULL,
  PRIMARY KEY (bucket, provider, model)
) WITHOUT ROWID;
ALTER TABLE requests ADD COLUMN client TEXT;
