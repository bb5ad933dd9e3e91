import type { Engine } from "../../src/engine.ts";
import type { ComboEntry } from "../../src/core/combo.ts";
import type { Connection } from "../../src/core/connection.ts";
import { GatewayError } from "../../src/core/errors.ts";
import { KEYLESS } from "../../src/core/key.ts";
import { isConnected, splitPrefix, usableConnections } from "../../src/routing/index.ts";
import type { Tone } from "../ui/index.ts";

/** How one entry of a combo stands at this moment. */
export type LegState = {
  kind:
    "ready" | "combo" | "waiting" | "failing" | "dead" | "blocked" | "unconnected" | "unusable" | "unknown";
  tone: Tone;
  /** What its vendor or we recommend in place of a dead one. */
  replacement?: string;
};

/** Looks an entry up: a model with a prefix, another combo, or a name that leads to either. */
export function legState(
  engine: Engine,
  { model: name, connectionId }: Pick<ComboEntry, "model" | "connectionId">,
): LegState {
  const { catalogue } = engine;
  const combo = catalogue.combos.get(name);
  if (combo) return combo.isActive ? { kind: "combo", tone: "info" } : { kind: "unusable", tone: "warn" };
  const found = splitPrefix(catalogue, name);
  if (!found) return isKnown(engine, name) ? { kind: "ready", tone: "ok" } : { kind: "unknown", tone: "bad" };
  const { entry, rest } = found;
  const status = entry.provider.status;
  if (status?.state === "shut-down" || status?.state === "not-offered") {
    return {
      kind: "dead",
      tone: "bad",
      ...(status.replacement !== undefined && { replacement: status.replacement }),
    };
  }
  if (entry.blocked) return { kind: "blocked", tone: "warn" };
  if (!isConnected(entry)) return { kind: "unconnected", tone: "warn" };
  const accounts = usableConnections(entry).filter(
    ({ id }) => connectionId === undefined || id === connectionId,
  );
  if (accounts.length === 0) return { kind: "unusable", tone: "warn" };
  const retired = entry.models.get(rest)?.status;
  if (retired?.state === "shut-down")
    return {
      kind: "dead",
      tone: "warn",
      ...(retired.replacement !== undefined && { replacement: retired.replacement }),
    };
  return accountsState(engine, entry.provider.id, accounts, rest);
}

/** Ready as long as one account is; else why none would be asked, or that all of them failed their last test. */
function accountsState(
  { health }: Engine,
  provider: string,
  accounts: readonly Connection[],
  model: string,
): LegState {
  const isLeftOut = health.breakers().some(({ name, state }) => name === provider && state === "OPEN");
  const resting = health
    .cooldowns()
    .filter(({ modelId }) => modelId === undefined || modelId === model)
    .map(({ connectionId }) => connectionId);
  const awake = isLeftOut ? [] : accounts.filter(({ id }) => !resting.includes(id));
  if (awake.length === 0) return { kind: "waiting", tone: "warn" };
  if (awake.every(({ lastTest }) => lastTest?.ok === false)) return { kind: "failing", tone: "bad" };
  return { kind: "ready", tone: "ok" };
}

function isKnown(engine: Engine, name: string): boolean {
  try {
    engine.plan(name, KEYLESS);
    return true;
  } catch (error) {
    if (error instanceof GatewayError) return error.code !== "model_not_found";
    throw error;
  }
}
