import type { Access } from "../access/index.ts";
import type { RequestRecord } from "../core/record.ts";
import type { Log } from "../lib/log.ts";
import type { TraceExporter } from "../observing/index.ts";
import type { Store } from "../store/index.ts";
import type { ComboChecks } from "./combo-checks.ts";
import type { ComboMeter } from "./combo-metrics.ts";
import type { ConnectionNotes } from "./connection-notes.ts";
import type { Metrics } from "./metrics.ts";
import type { Quotas } from "./quotas.ts";
import type { Router } from "./router.ts";
import type { Telemetry } from "./telemetry.ts";

export type Ledger = {
  log: Log;
  store: Store;
  access: Access;
  router: Router;
  notes: ConnectionNotes;
  quotas: Quotas;
  comboChecks: ComboChecks;
  comboMetrics: ComboMeter;
  telemetry: Telemetry;
  metrics: Metrics;
  traces: TraceExporter;
};

/** Enters a call that has ended with everybody who counts calls. Nothing here waits for the disk. */
export function enterCall(ledger: Ledger, record: RequestRecord): void {
  ledger.store.requestLog.add(record);
  ledger.notes.record(record);
  ledger.quotas.record(record);
  ledger.comboChecks.record(record);
  ledger.access.countCall(record);
  if (ledger.router.tracksMetrics(record.combo)) ledger.comboMetrics.record(record);
  if (record.provider !== undefined && record.cache === undefined && record.status < 400) {
    ledger.telemetry.record(record.provider, record.model, record);
  }
  ledger.metrics.record(record);
  ledger.traces.record(record);
  logCall(ledger.log, record);
}

/** What went wrong on the way is of interest to everybody, what went well only to those who look closely. */
function logCall(log: Log, record: RequestRecord): void {
  const { id, path, requestedModel, model, status, errorCode, durationMs, attempts } = record;
  const wentWell = (status < 400 && errorCode === undefined && attempts.length < 2) || status === 499;
  const message = wentWell ? "Answered." : status < 400 && !errorCode ? "Answered at last." : "Failed.";
  const facts = { id, path, asked: requestedModel, model, status, error: errorCode, durationMs };
  log[wentWell ? "debug" : "info"]("relay", message, { ...facts, attempts: attempts.length });
}
