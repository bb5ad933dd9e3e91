import { PROVIDERS } from "../../providers/index.ts";
import { type Configuration, type FormerFile, formerSeal } from "../../store/index.ts";
import { type FormerAddressRules, formerAddressRules } from "./address-rules.ts";
import { formerCombos } from "./combos.ts";
import { formerConnections, formerNodes } from "./connections.ts";
import type { FormerContext } from "./context.ts";
import { objectIn } from "./fields.ts";
import { formerKeys } from "./keys.ts";
import {
  formerAliases,
  formerChains,
  formerModels,
  formerPrices,
  formerProxies,
  formerSettings,
} from "./rest.ts";

export type FormerOptions = {
  now: number;
  /** What the earlier program sealed its credentials with. */
  secret: string | undefined;
  hashKey(key: string): string;
  installationId: string;
};

/** Puts what an earlier program kept into our words. What comes otherwise than it was is told in `warnings`. */
export function fromFormer(
  file: FormerFile,
  { now, secret, hashKey, installationId }: FormerOptions,
): {
  configuration: Configuration;
  addressRules: FormerAddressRules | undefined;
  warnings: string[];
  providerId: (name: string) => string | undefined;
} {
  const warnings = new Set<string>([`The file is one of ${file.program}.`]);
  const ids = new Map<string, string>();
  const context: FormerContext = {
    now,
    seal: formerSeal(secret),
    providerId: (name) => ids.get(name.toLowerCase()),
    hashKey,
    installationId,
    warn: (line) => void warnings.add(line),
  };
  for (const { id, prefixes = [] } of PROVIDERS)
    for (const name of [id, ...prefixes]) if (!ids.has(name.toLowerCase())) ids.set(name.toLowerCase(), id);
  const nodes = formerNodes(file.nodes, context);
  for (const { id, prefix } of nodes) for (const name of [id, prefix]) ids.set(name.toLowerCase(), id);
  const connections = formerConnections(file.connections, context);
  const proxies = formerProxies(file.values, new Set(connections.map(({ id }) => id)), context);
  const configuration: Configuration = {
    connections,
    nodes,
    combos: formerCombos(file.combos, objectIn(file.values["settings"] ?? {}, "comboStrategies"), context),
    keys: formerKeys(file.keys, file.budgets, context),
    aliases: formerAliases(file.values, context),
    chains: formerChains(file.chains, context),
    customModels: formerModels(file.values, context),
    prices: formerPrices(file.values, context),
    settings: formerSettings(file.values, context),
    secrets: proxies === undefined ? [] : [{ namespace: "proxy", key: "map", value: proxies }],
  };
  return {
    configuration,
    addressRules: formerAddressRules(file.values),
    warnings: [...warnings],
    providerId: context.providerId,
  };
}
