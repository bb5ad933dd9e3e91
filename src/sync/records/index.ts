import { apiKeys, connections } from "./connection-records.ts";
import { keyGroups } from "./key-group-records.ts";
import { aliases, chains, combos, modelChains } from "./naming-records.ts";
import { customModels, nodes, prices } from "./provider-records.ts";
import type { RecordKind } from "./record-kind.ts";
import { settings } from "./setting-records.ts";

export { apiKeys } from "./connection-records.ts";
export type { RecordKind } from "./record-kind.ts";

/** Everything that is shared, in the order it is taken over: what others speak of comes first. */
export const RECORD_KINDS: readonly RecordKind[] = [
  nodes,
  customModels,
  prices,
  connections,
  apiKeys,
  combos,
  aliases,
  chains,
  modelChains,
  keyGroups,
  settings,
];
