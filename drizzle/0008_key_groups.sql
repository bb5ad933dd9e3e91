-- The group that a call's key was in. It stays with what was used when the key moves on: '' where it was in none.
ALTER TABLE requests ADD COLUMN key_group_id BLOB;
CREATE TABLE usage_hourly_new (
  bucket INTEGER NOT NULL,
  provider TEXT NOT NULL,
  model TEXT NOT NULL,
  key_id BLOB NOT NULL,
  key_group_id BLOB NOT NULL,
  connection_id BLOB NOT NULL,
  requests INTEGER NOT NULL,
  errors INTEGER NOT NULL,
  cancelled INTEGER NOT NULL,
  input INTEGER NOT NULL,
  output INTEGER NOT NULL,
  cache_read INTEGER NOT NULL,
  cache_write INTEGER NOT NULL,
  reasoning INTEGER NOT NULL,
  estimated INTEGER NOT NULL,
  cost REAL NOT NULL,
  shadow_cost REAL NOT NULL,
  unknown_price INTEGER NOT NULL,
  duration_ms INTEGER NOT NULL,
  first_content_ms INTEGER NOT NULL,
  first_content_count INTEGER NOT NULL,
  PRIMARY KEY (bucket, provider, model, key_id, key_group_id, connection_id)
) WITHOUT ROWID;
INSERT INTO usage_hourly_new
  SELECT bucket, provider, model, key_id, '', connection_id, requests, errors, cancelled, input, output, cache_read, cache_write, reasoning, estimated, 
    cost, shadow_cost, unknown_price, duration_ms, first_content_ms, first_content_count
  FROM usage_hourly;
DROP TABLE usage_hourly;
ALTER TABLE usage_hourly_new RENAME TO usage_hourly;
CREATE TABLE usage_daily_new (
  bucket INTEGER NOT NULL,
  provider TEXT NOT NULL,
  model TEXT NOT NULL,
  key_id BLOB NOT NULL,
  key_group_id BLOB NOT NULL,
  connection_id BLOB NOT NULL,
  requests INTEGER NOT NULL,
  errors INTEGER NOT NULL,
  cancelled INTEGER NOT NULL,
  input INTEGER NOT NULL,
  output INTEGER NOT NULL,
  cache_read INTEGER NOT NULL,
  cache_write INTEGER NOT NULL,
  reasoning INTEGER NOT NULL,
  estimated INTEGER NOT NULL,
  cost REAL NOT NULL,
  shadow_cost REAL NOT NULL,
  unknown_price INTEGER NOT NULL,
  duration_ms INTEGER NOT NULL,
  first_content_ms INTEGER NOT NULL,
  first_content_count INTEGER NOT NULL,
  PRIMARY KEY (bucket, provider, model, key_id, key_group_id, connection_id)
) WITHOUT ROWID;
INSERT INTO usage_daily_new
  SELECT bucket, provider, model, key_id, '', connection_id, requests, errors, cancelled, input, output, cache_read, cache_write, reasoning, estimated, 
    cost, shadow_cost, unknown_price, duration_ms, first_content_ms, first_content_count
  FROM usage_daily;
DROP TABLE usage_daily;
ALTER TABLE usage_daily_new RENAME TO usage_daily;
