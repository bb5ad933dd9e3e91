import type { Access } from "../access/index.ts";
import { testConnection, testNode, testSignedIn } from "../accounts/index.ts";
import type { PromptCacheMeter } from "../caching/index.ts";
import type { Config } from "../core/config.ts";
import type { Clock } from "../lib/clock.ts";
import type { ManageDeps } from "../manage/index.ts";
import type { AddressPolicy, Outbound } from "../net/index.ts";
import type { HealthBoard } from "../routing/index.ts";
import { listCustomModels, type Store } from "../store/index.ts";
import type { Accounts } from "./accounts.ts";
import type { CatalogueData } from "./catalogue-data.ts";
import type { ModelLists } from "./model-lists.ts";
import type { Quotas } from "./quotas.ts";
import type { Router } from "./router.ts";

export type ManageParts = {
  config: Config;
  store: Store;
  clock: Clock;
  outbound: Outbound;
  health: HealthBoard;
  access: Access;
  router: Router;
  catalogueData: CatalogueData;
  modelLists: ModelLists;
  accounts: Accounts;
  quotas: Quotas;
  promptCache: PromptCacheMeter;
  addressPolicy(): AddressPolicy;
  noted(): void;
  reapply(): void;
};

/** What changes by people need, taken from the engine's parts. */
export function manageDepsOf(parts: ManageParts): ManageDeps {
  const { config, store, clock, outbound, health, access, router, accounts } = parts;
  const { desk, tokens } = accounts;
  return {
    store,
    clock,
    health,
    outbound,
    desk,
    tokens,
    limits: router.limits,
    settings: () => router.settings,
    locks: () => access.listLocks(),
    unlock: (peer) => access.unlock(peer),
    catalogue: () => router.catalogue,
    catalogueData: parts.catalogueData,
    listPrices: router.listPrices,
    customModels: () => listCustomModels(store),
    modelsOf: (connection, fresh) => parts.modelLists.list(connection, fresh),
    connections: () => router.connections,
    addressPolicy: () => parts.addressPolicy(),
    oauthSettings: config.oauth,
    installationId: accounts.installationId,
    clientHome: config.clientHome,
    hashKey: (key) => access.hashKey(key),
    storageKey: config.secrets.storage,
    adoptAddressRules: (rules, peer, isTrial) => access.addresses.adopt(rules, peer, isTrial),
    reapply: () => parts.reapply(),
    quotas: parts.quotas,
    promptBreakOf: (requestId) => parts.promptCache.breakOf(requestId),
    noted: () => parts.noted(),
    test: (provider, connection, signal) =>
      testSignedIn(tokens, connection, clock, (usable) =>
        testConnection({ provider, connection: usable, outbound, clock, signal }),
      ),
    testNode: (input) => testNode({ ...input, outbound, clock }),
  };
}
