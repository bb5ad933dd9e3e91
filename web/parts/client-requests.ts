import { DASHBOARD } from "../../src/core/key.ts";
import type { RequestRecord } from "../../src/core/record.ts";
import type { Engine } from "../../src/engine.ts";
import { groupUsage, listRequests } from "../../src/store/index.ts";

/** Who calls when the owner tries something: tests of models, and the playground. */
const OWN: ReadonlySet<string> = new Set(["test", DASHBOARD.keyId]);
const LOOK_BACK = 20;

/** The newest call of a client among the latest, from a time on (milliseconds since 1970). */
export function newestClientRequest({ store }: Engine, from = 0): RequestRecord | undefined {
  return listRequests(store, { limit: LOOK_BACK, from }).requests.find(({ keyId }) => !OWN.has(keyId));
}

/** Has any client ever called? */
export function hasClient({ store }: Engine, now: number): boolean {
  return groupUsage(store, { from: 0, to: now + 1, per: "day" }, ["key"]).some(
    ({ keyId }) => keyId !== undefined && !OWN.has(keyId),
  );
}
