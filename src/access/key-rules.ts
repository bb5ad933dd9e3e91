import type { KeyRules, KeyRulesInput } from "../core/key.ts";

const LISTS = [
  "allowedModels",
  "allowedCombos",
  "allowedProviders",
  "allowedConnections",
  "allowedEndpoints",
] as const;

/** Writes what an input says of rules over what a key or group has; `null` and empty lists take a rule away. */
export function applyRules(record: KeyRules, fields: Partial<KeyRulesInput>): void {
  for (const list of LISTS) {
    const names = fields[list];
    if (names === undefined) continue;
    if (names === null || names.length === 0) delete record[list];
    else record[list] = names;
  }
  if (fields.limits !== undefined) applyPart(record, "limits", fields.limits);
  if (fields.budget !== undefined) applyPart(record, "budget", fields.budget);
}

function applyPart(record: KeyRules, part: "limits" | "budget", patch: object | null): void {
  const merged = Object.entries({ ...record[part], ...patch }).filter(
    ([, value]) => value !== null && value !== undefined,
  );
  if (patch === null || merged.length === 0) delete record[part];
  else record[part] = Object.fromEntries(merged);
}
