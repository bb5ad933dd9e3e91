CREATE TABLE provider_connections (
  id TEXT PRIMARY KEY NOT NULL,
  provider TEXT NOT NULL,
  auth_type TEXT NOT NULL,
  name TEXT NOT NULL,
  email TEXT,
  priority INTEGER NOT NULL,
  global_priority INTEGER,
  default_model TEXT,
  is_active INTEGER NOT NULL,
  base_url TEXT,
  group_name TEXT,
  credentials TEXT NOT NULL,
  needs_sign_in INTEGER NOT NULL,
  last_test TEXT,
  last_error TEXT,
  last_used_at INTEGER,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
);
CREATE TABLE provider_nodes (
  id TEXT PRIMARY KEY NOT NULL,
  name TEXT NOT NULL,
  prefix TEXT NOT NULL UNIQUE,
  type TEXT NOT NULL,
  api_type TEXT NOT NULL,
  base_url TEXT NOT NULL,
  chat_path TEXT,
  models_path TEXT,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
);
CREATE TABLE combos (
  id TEXT PRIMARY KEY NOT NULL,
  name TEXT NOT NULL UNIQUE,
  models TEXT NOT NULL,
  strategy TEXT NOT NULL,
  config TEXT NOT NULL,
  is_active INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
);
CREATE TABLE api_keys (
  id TEXT PRIMARY KEY NOT NULL,
  name TEXT NOT NULL,
  hash TEXT NOT NULL UNIQUE,
  masked TEXT NOT NULL,
  scopes TEXT NOT NULL,
  no_log INTEGER NOT NULL,
  former TEXT,
  expires_at INTEGER,
  revoked_at INTEGER,
  last_used_at INTEGER,
  created_at INTEGER NOT NULL
);
CREATE TABLE key_value (
  namespace TEXT NOT NULL,
  key TEXT NOT NULL,
  value TEXT NOT NULL,
  PRIMARY KEY (namespace, key)
) WITHOUT ROWID;
CREATE TABLE sessions (
  hash TEXT PRIMARY KEY NOT NULL,
  id TEXT NOT NULL UNIQUE,
  peer TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  last_seen_at INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE health (
  key TEXT PRIMARY KEY NOT NULL,
  state TEXT NOT NULL,
  saved_at INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE aliases (
  pattern TEXT PRIMARY KEY NOT NULL,
  target TEXT NOT NULL,
  created_at INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE fallback_chains (
  name TEXT PRIMARY KEY NOT NULL,
  models TEXT NOT NULL,
  match TEXT NOT NULL,
  is_enabled INTEGER NOT NULL,
  priority INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE custom_models (
  provider TEXT NOT NULL,
  id TEXT NOT NULL,
  name TEXT NOT NULL,
  type TEXT NOT NULL,
  context INTEGER,
  created_at INTEGER NOT NULL,
  PRIMARY KEY (provider, id)
) WITHOUT ROWID;
CREATE TABLE prices (
  provider TEXT NOT NULL,
  model TEXT NOT NULL,
  price TEXT NOT NULL,
  updated_at INTEGER NOT NULL,
  PRIMARY KEY (provider, model)
) WITHOUT ROWID;
CREATE TABLE audit_log (
  id INTEGER PRIMARY KEY NOT NULL,
  at INTEGER NOT NULL,
  action TEXT NOT NULL,
  actor TEXT NOT NULL,
  target TEXT,
  ip TEXT,
  result TEXT NOT NULL,
  details TEXT
);
