import type { Engine } from "../../src/engine.ts";
import { DASHBOARD } from "../../src/core/key.ts";
import type { ListedModel } from "../../src/engine/list-models.ts";
import type { ConnectionStatus } from "../../src/manage/index.ts";
import { mainModelOf } from "../../src/routing/index.ts";

/** Accounts that answer nobody until somebody has looked after them. */
const ENDED: ReadonlySet<ConnectionStatus> = new Set([
  "failing",
  "sign in again",
  "off",
  "provider shut down",
]);

/** Names a chat can be sent to, combos first; for suggestions. */
export function chatModels(engine: Engine): string[] {
  return engine
    .models(DASHBOARD)
    .filter(({ type }) => type === "combo" || type === "chat")
    .map(({ id }) => id);
}

/**
 * The name recipes show until another is chosen: a combo, else a provider's main model, of an account that works where
 * there is one, else the mock.
 */
export function suggestedModel(engine: Engine): string {
  const combo = engine.manage.combos.list().find(({ isActive }) => isActive);
  if (combo) return combo.name;
  const chats = engine.models(DASHBOARD).filter(({ type }) => type === "chat");
  const own = chats.filter(({ ownedBy }) => !isBuiltIn(engine, ownedBy));
  const working = new Set(
    engine.manage.connections
      .list()
      .filter(({ status }) => !ENDED.has(status))
      .map(({ provider }) => provider),
  );
  const first = own.find(({ ownedBy }) => working.has(ownedBy)) ?? own[0];
  const main = own.find((model) => model.ownedBy === first?.ownedBy && isMain(engine, model));
  return main?.id ?? first?.id ?? chats.find(({ ownedBy }) => ownedBy === "mock")?.id ?? "mock/echo";
}

function isMain(engine: Engine, { id, ownedBy }: ListedModel): boolean {
  const entry = engine.catalogue.byId.get(ownedBy);
  return entry !== undefined && id === `${entry.prefix}/${mainModelOf(entry)}`;
}

/** Local servers count as connected without anybody having said so; they are no suggestion. */
function isBuiltIn(engine: Engine, provider: string): boolean {
  const entry = engine.catalogue.byId.get(provider);
  return !entry || entry.connections.every(({ id }) => id.startsWith("builtin:"));
}
