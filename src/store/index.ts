/** Everything that is remembered, in SQLite. The functions take the store first, and speak in the words of core. */
export { openStore, type StoreOptions } from "./open-store.ts";
export { Store, type StoreChange } from "./store.ts";
export { isDiskProblem, StoreError, type StoreProblem } from "./store-error.ts";
export { writePrivateFile } from "./data-dir.ts";
export { createSealer, type Sealer } from "./sealer.ts";
export { WriteQueue, type QueueLosses } from "./write-queue.ts";
export type { RequestLog } from "./request-log.ts";

export {
  findConnection,
  listConnections,
  noteConnection,
  removeConnection,
  saveConnection,
  type ConnectionNote,
} from "./connections.ts";
export {
  dropRefreshLease,
  listRefreshLeases,
  settleRefresh,
  takeRefreshLease,
  type RefreshLease,
} from "./refresh-leases.ts";
export { findNode, listNodes, removeNode, saveNode } from "./nodes.ts";
export { findCombo, listCombos, removeCombo, saveCombo } from "./combos.ts";
export { findKeyGroup, listKeyGroups, removeKeyGroup, saveKeyGroup } from "./key-groups.ts";
export { findKey, listKeys, removeKey, saveKey, saveKeyUses } from "./keys.ts";
export { patchSettings, readSettings } from "./settings.ts";
export { readSecretValue, readValue, readValues, saveSecretValue, saveValue, saveValues } from "./values.ts";
export {
  listSessions,
  removeOldSessions,
  removeSessions,
  saveSession,
  saveSessionSightings,
  type Session,
} from "./sessions.ts";
export { listAliases, removeAlias, saveAlias } from "./aliases.ts";
export { listChains, removeChain, saveChain } from "./chains.ts";
export { listModelChains, removeModelChain, saveModelChain } from "./model-chains.ts";
export { readCatalogueFile, removeCatalogueFile, writeCatalogueFile } from "./catalogue-file.ts";
export { listCustomModels, removeCustomModel, saveCustomModel } from "./custom-models.ts";
export { listPrices, removePrices, savePrices } from "./prices.ts";
export { loadHealth, saveHealth, type HealthEntry } from "./health.ts";
export { findProof, saveProof } from "./vault.ts";
export { findEvalRun, listEvalRuns, removeEvalRun, saveEvalRun } from "./eval-runs.ts";
export { addAudit, listAudit, type ListedAudit } from "./audit.ts";
export type { FieldChange } from "./change-view.ts";
export { copyChange, FILE_ACTOR, lastUndoable, markUndone, undoChanges } from "./history.ts";
export type { RowChange } from "./row-changes.ts";
export { findRequest, listRequests, type RequestQuery } from "./requests.ts";
export { clearProxyLog, listProxyLog, type ProxyLog } from "./proxy-log.ts";
export {
  groupUsage,
  lastDayUsage,
  totalUsage,
  type UsageDimension,
  type UsageGroup,
  type UsageQuery,
  type UsageTotals,
} from "./usage.ts";
export { latenciesOverTime, type LatencyGroup, type LatencyQuery, listLatencies } from "./latency-rows.ts";
export {
  clearRecordings,
  findRecording,
  listRecordings,
  recordedOf,
  type RecordingFacts,
  saveRecording,
} from "./recordings.ts";
export { trimLogs, type Trimmed } from "./retention.ts";
export { listBackups, makeBackup, removeBackup, storageUse, type StorageUse } from "./storage.ts";
export { connectionsIn, importRefusal, LARGEST_IMPORT_BYTES } from "./import-check.ts";
export { importDatabase, type Imported, type ImportOptions } from "./import.ts";
export { type Configuration, writeDraft } from "./draft.ts";
export { readWithJournal } from "./file-copy.ts";
export { saveFormerCalls } from "./former-calls.ts";
export { formerFileIn, keyBeside } from "./former-place.ts";
export { type FormerFile, readFormerFile } from "./former-file.ts";
export { type FormerSeal, formerSeal, isFormerSealed } from "./former-seal.ts";
export { type DaySum, saveDaySums } from "./day-sums.ts";
export { exportAll, exportDatabase } from "./export.ts";
export { isWhole, newestGoodBackup, type BackupFile, type BackupReason } from "./backups.ts";
