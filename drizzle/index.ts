import config0001 from "./0001_config.sql" with { type: "text" };
import config0002 from "./0002_key_rules.sql" with { type: "text" };
import config0003 from "./0003_changes.sql" with { type: "text" };
import config0004 from "./0004_key_groups.sql" with { type: "text" };
import config0005 from "./0005_health_checks.sql" with { type: "text" };
import logs0001 from "./0001_logs.sql" with { type: "text" };
import logs0002 from "./0002_units.sql" with { type: "text" };
import logs0003 from "./0003_stories.sql" with { type: "text" };
import logs0004 from "./0004_latencies.sql" with { type: "text" };
import logs0006 from "./0006_recordings.sql" with { type: "text" };
import logs0005 from "./0005_eval_runs.sql" with { type: "text" };
import logs0007 from "./0007_answers.sql" with { type: "text" };
import logs0008 from "./0008_key_groups.sql" with { type: "text" };
import logs0009 from "./0009_recording_facts.sql" with { type: "text" };
import logs0010 from "./0010_latency_days.sql" with { type: "text" };
import logs0011 from "./0011_proxy_exits.sql" with { type: "text" };
import logs0012 from "./0012_recording_parts.sql" with { type: "text" };

/** One step of a database's history. A released step is never edited: its text is checked against what was applied. */
export type Migration = { tag: string; sql: string };

/** `omniroute.sqlite`: what people configure. */
export const CONFIG_MIGRATIONS: readonly Migration[] = [
  { tag: "0001_config", sql: config0001 },
  { tag: "0002_key_rules", sql: config0002 },
  { tag: "0003_changes", sql: config0003 },
  { tag: "0004_key_groups", sql: config0004 },
  { tag: "0005_health_checks", sql: config0005 },
];

/** `logs.sqlite`: what happened. */
export const LOG_MIGRATIONS: readonly Migration[] = [
  { tag: "0001_logs", sql: logs0001 },
  { tag: "0002_units", sql: logs0002 },
  { tag: "0003_stories", sql: logs0003 },
  { tag: "0004_latencies", sql: logs0004 },
  { tag: "0005_eval_runs", sql: logs0005 },
  { tag: "0006_recordings", sql: logs0006 },
  { tag: "0007_answers", sql: logs0007 },
  { tag: "0008_key_groups", sql: logs0008 },
  { tag: "0009_recording_facts", sql: logs0009 },
  { tag: "0010_latency_days", sql: logs0010 },
  { tag: "0011_proxy_exits", sql: logs0011 },
  { tag: "0012_recording_parts", sql: logs0012 },
];
