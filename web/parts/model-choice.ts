import type { Engine } from "../../src/engine.ts";

const DASHBOARD = { keyId: "dashboard", name: "dashboard" };

/** Names a chat can be sent to, combos first; for suggestions. */
export function chatModels(engine: Engine): string[] {
  return engine
    .models(DASHBOARD)
    .filter(({ type }) => type === "combo" || type === "chat")
    .map(({ id }) => id);
}

/** The name recipes show until another is chosen: a combo, else a model of the owner's, else the mock. */
export function suggestedModel(engine: Engine): string {
  const combo = engine.manage.combos.list().find(({ isActive }) => isActive);
  if (combo) return combo.name;
  const chats = engine.models(DASHBOARD).filter(({ type }) => type === "chat");
  const own = chats.find(({ ownedBy }) => !isBuiltIn(engine, ownedBy));
  return own?.id ?? chats.find(({ ownedBy }) => ownedBy === "mock")?.id ?? "mock/echo";
}

/** Local servers count as connected without anybody having said so; they are no suggestion. */
function isBuiltIn(engine: Engine, provider: string): boolean {
  const entry = engine.catalogue.byId.get(provider);
  return !entry || entry.connections.every(({ id }) => id.startsWith("builtin:"));
}
