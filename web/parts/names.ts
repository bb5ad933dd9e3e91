import type { Engine } from "../../src/engine.ts";

/** A provider's name by its id; breakers of the mock stand for one of its models each (`mock/500`). */
export function providerName(engine: Engine, id: string): string {
  const [provider = "", model] = id.split("/");
  const name = engine.catalogue.byId.get(provider)?.provider.name ?? provider;
  return model === undefined ? name : `${name}: ${model}`;
}

/** A connection's name by its id, also of those that are built in; undefined when it is gone. */
export function connectionName(engine: Engine, id: string): string | undefined {
  for (const { connections } of engine.catalogue.entries) {
    const found = connections.find((connection) => connection.id === id);
    if (found) return found.name;
  }
  return undefined;
}
