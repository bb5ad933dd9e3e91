import type { Config } from "../core/config.ts";
import type { Connection } from "../core/connection.ts";
import type { ProviderDefinition } from "../core/provider.ts";
import { PROVIDERS } from "../providers/index.ts";

/** Lower than any stored connection's rank that a person is likely to give: the environment's keys come last. */
const PRIORITY = 100;

/**
 * The read-only connections that keys in the environment make, one per provider. They are never stored, and serve
 * after stored ones.
 */
export function environmentConnections(
  config: Pick<Config, "providerKeys">,
  providers: readonly ProviderDefinition[] = PROVIDERS,
): Connection[] {
  return providers.flatMap((provider) => {
    const key = provider.envKey === undefined ? undefined : config.providerKeys[provider.envKey]?.trim();
    return key ? [environmentConnection(provider.id, key)] : [];
  });
}

function environmentConnection(provider: string, apiKey: string): Connection {
  return {
    id: `env:${provider}`,
    provider,
    authType: "apikey",
    name: "env",
    priority: PRIORITY,
    isActive: true,
    fromEnvironment: true,
    credentials: { apiKey },
    createdAt: 0,
    updatedAt: 0,
  };
}
