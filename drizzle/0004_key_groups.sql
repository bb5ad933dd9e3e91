-- Client keys that share rules and spending, and which group a key is in.
CREATE TABLE key_groups (
  id TEXT PRIMARY KEY NOT NULL,
  name TEXT NOT NULL UNIQUE,
  note TEXT,
  is_active INTEGER NOT NULL,
  rules TEXT,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
);
ALTER TABLE api_keys ADD COLUMN group_id TEXT;
