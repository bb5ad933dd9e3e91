CREATE TABLE latency_daily (
  bucket INTEGER NOT NULL,
  provider TEXT NOT NULL,
  model TEXT NOT NULL,
  requests INTEGER NOT NULL,
  durations TEXT NOT NULL,
  first_contents TEXT NOT NULL,
  PRIMARY KEY (bucket, provider, model)
) WITHOUT ROWID;
