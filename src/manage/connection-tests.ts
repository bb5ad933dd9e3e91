import { z } from "zod";
import type { TestResult } from "../accounts/index.ts";
import type { Connection } from "../core/connection.ts";
import { newId } from "../lib/ids.ts";
import { findProvider } from "../routing/index.ts";
import { checkedBaseUrl, connectable, testStoredConnection } from "./connections.ts";
import type { ManageDeps } from "./deps.ts";
import { parseInput } from "../core/parse-input.ts";

export const keyToTest = z.object({
  /** Provider id, alias, or node id. */
  provider: z.string().min(1).max(100),
  apiKey: z.string().max(10_000).nullish(),
  baseUrl: z.string().max(2000).nullish(),
  defaultModel: z.string().max(256).nullish(),
});

/** Tests a key without saving anything. Throws `GatewayError` where it could not be connected at all. */
export function testKey(deps: ManageDeps, input: unknown, signal: AbortSignal): Promise<TestResult> {
  const { provider: name, apiKey, baseUrl, defaultModel } = parseInput(keyToTest, input);
  const { provider } = connectable(deps, name);
  const key = apiKey?.trim();
  const now = deps.clock.now();
  const connection: Connection = {
    id: newId(),
    provider: provider.id,
    name: "the new connection",
    priority: 1,
    isActive: true,
    authType: key ? "apikey" : "none",
    credentials: key ? { apiKey: key } : {},
    createdAt: now,
    updatedAt: now,
    ...(baseUrl && { baseUrl: checkedBaseUrl(deps, baseUrl) }),
    ...(defaultModel && { defaultModel }),
  };
  return deps.test(provider, connection, signal);
}

export const batchToTest = z
  .object({
    mode: z.enum(["provider", "oauth", "free", "apikey", "compatible", "all"]),
    /** For the mode `provider`: id, alias, or node id. */
    providerId: z.string().min(1).max(100).nullish(),
  })
  .refine(({ mode, providerId }) => mode !== "provider" || providerId, {
    path: ["providerId"],
    message: "name the provider",
  });

export type BatchMode = z.output<typeof batchToTest>["mode"];
export type TestedConnection = { connection: Connection; result: TestResult };

const AT_ONCE = 4;

/** Tests many connections, a few at once, and remembers each result; those that are switched off are left out. */
export async function testMany(
  deps: ManageDeps,
  input: unknown,
  signal: AbortSignal,
): Promise<{ mode: BatchMode; tested: TestedConnection[] }> {
  const { mode, providerId } = parseInput(batchToTest, input);
  const isMeant = chosenBy(deps, mode, providerId ?? "");
  const waiting = deps.connections().filter((connection) => connection.isActive && isMeant(connection));
  const tested: TestedConnection[] = [];
  const work = async () => {
    for (let connection = waiting.shift(); connection && !signal.aborted; connection = waiting.shift())
      tested.push({ connection, result: await testStoredConnection(deps, connection.id, signal) });
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return { mode, tested };
}

function chosenBy(deps: ManageDeps, mode: BatchMode, name: string): (connection: Connection) => boolean {
  const entryOf = ({ provider }: Connection) => deps.catalogue().byId.get(provider);
  switch (mode) {
    case "all":
      return (connection) => entryOf(connection) !== undefined;
    case "provider": {
      const id = findProvider(deps.catalogue(), name)?.provider.id;
      return ({ provider }) => provider === id;
    }
    case "oauth":
      return ({ authType }) => authType === "oauth";
    case "free":
      return (connection) => entryOf(connection)?.provider.tier === "free";
    case "apikey":
      return (connection) => connection.authType === "apikey" && entryOf(connection)?.isNode === false;
    case "compatible":
      return (connection) => entryOf(connection)?.isNode === true;
  }
}
