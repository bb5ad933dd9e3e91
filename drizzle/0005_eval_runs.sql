CREATE TABLE eval_runs (
  id TEXT PRIMARY KEY NOT NULL,
  at INTEGER NOT NULL,
  finished_at INTEGER NOT NULL,
  suite_id TEXT NOT NULL,
  suite_name TEXT NOT NULL,
  status TEXT NOT NULL,
  models TEXT NOT NULL,
  summary TEXT NOT NULL,
  results TEXT NOT NULL
);
CREATE INDEX eval_runs_by_time ON eval_runs (at);
