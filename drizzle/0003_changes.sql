-- What each audited change did to each row: both states as JSON, credentials sealed as they are in the row itself.
CREATE TABLE changes (
  id INTEGER PRIMARY KEY NOT NULL,
  audit_id INTEGER NOT NULL,
  at INTEGER NOT NULL,
  entity TEXT NOT NULL,
  key TEXT NOT NULL,
  before TEXT,
  after TEXT,
  undone_at INTEGER
);
ALTER TABLE audit_log ADD COLUMN is_undo INTEGER NOT NULL DEFAULT 0;
CREATE INDEX changes_by_audit ON changes (audit_id);
