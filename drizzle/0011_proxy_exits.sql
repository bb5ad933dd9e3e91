ALTER TABLE proxy_log ADD COLUMN level_id TEXT;
ALTER TABLE proxy_log ADD COLUMN combo_id TEXT;
ALTER TABLE proxy_log ADD COLUMN exit_address TEXT;
ALTER TABLE proxy_log ADD COLUMN exit_seen_at INTEGER;
