import type { ManageDeps } from "./deps.ts";
import type { Outcome, PendingView, SignedIn, TokenHealth } from "../accounts/index.ts";
import type { ComboInput } from "../core/combo.ts";
import type { ConnectionInput } from "../core/connection.ts";
import type { CustomModelInput } from "../core/custom-model.ts";
import type { NodeInput } from "../core/node.ts";
import type { ProviderEntry } from "../routing/index.ts";
import type { Actor } from "./actor.ts";
import { allAliases, dropAlias, setAlias } from "./aliases.ts";
import { allChains, dropChain, setChain } from "./chains.ts";
import { changeComboDefaults, comboDefaults } from "./combo-defaults.ts";
import { allCombos, comboById, createCombo, deleteCombo, updateCombo } from "./combos.ts";
import { testKey, testMany } from "./connection-tests.ts";
import {
  connectionView,
  createConnection,
  deleteConnection,
  listConnectionViews,
  testStoredConnection,
  updateConnection,
} from "./connections.ts";
import { undo, type Undone } from "./history.ts";
import { locked, makeAvailable, protectConnection, rateLimits, unavailable, unlock } from "./locks.ts";
import { checkNode, createNode, deleteNode, listProviderNodes, type NodeCheck, updateNode } from "./nodes.ts";
import {
  dropCopy,
  exportOwn,
  exportShared,
  importFile as importCopy,
  makeCopy,
  nearbyFile,
  restoreCopy,
  type TakeIn,
} from "./copies.ts";
import { type CatalogueView, loadCatalogue, reloadCatalogue, resetCatalogue } from "./catalogue.ts";
import { addModels, importModels, listAddedModels, removeModel } from "./models.ts";
import { changePrices, dropPrices, pricedModels, type PricedModel } from "./prices.ts";
import { changeTracing, tracingSettings } from "./tracing.ts";
import { changeNotices, noticeSettings, renewWebhookSecret } from "./notices.ts";
import { changeQuotaLimits, checkQuota, quotaOf } from "./quotas.ts";
import { receiptOf } from "./receipts.ts";
import { changeResilience, resilience } from "./resilience.ts";
import { changeSettings } from "./settings.ts";
import { type Imported, importFile, type ImportOffer, importPasted, listImports } from "./sign-in-import.ts";
import {
  type BeginSignIn,
  beginSignIn,
  keepSignIn,
  listSignIns,
  pasteSignIn,
  type SignInWish,
  takeOverSignIn,
} from "./sign-in.ts";
import { type LookedInto, StagedImport } from "./staged-import.ts";

export type { ManageDeps } from "./deps.ts";
export { type Actor, audit } from "./actor.ts";
export type { ConnectionStatus, ConnectionView } from "./connections.ts";
export { batchToTest, keyToTest, type TestedConnection } from "./connection-tests.ts";
export { aliasInput } from "./aliases.ts";
export { chainToDrop } from "./chains.ts";
export { comboDefaultsPatch, type ComboDefaultsView } from "./combo-defaults.ts";
export {
  lockToFree,
  type Locked,
  modelToFree,
  protectionInput,
  type RateLimitView,
  type Unavailable,
} from "./locks.ts";
export { nodeCheck, type NodeCheck } from "./nodes.ts";
export { noticesPatch, readWebhook, readWebhookSecret } from "./notices.ts";
export { readTraceHeaders, tracingPatch } from "./tracing.ts";
export type { TakeIn } from "./copies.ts";
export type { Undone } from "./history.ts";
export type { LookedInto } from "./staged-import.ts";
export type { QuotaDesk, QuotaReport } from "./quotas.ts";
export { modelsToImport } from "./models.ts";
export type { CatalogueView } from "./catalogue.ts";
export { inOurWords, PRICE_SPELLINGS } from "./price-spellings.ts";
export { type PricedModel, pricesPatch, type PriceSource } from "./prices.ts";
export { receipt, type Receipt, type ReceiptAttempt, wayOut } from "./receipts.ts";
export { resiliencePatch, type ResilienceView } from "./resilience.ts";
export type { Imported, ImportOffer } from "./sign-in-import.ts";
export type { BeginSignIn, SignInOffer, SignInWish } from "./sign-in.ts";

/**
 * What people change, for both private doors: checked with the schemas of core, saved, audited, and in force on the
 * next request. Everything throws `GatewayError` with a sentence for the person.
 */
export function createManage(deps: ManageDeps) {
  const staged = new StagedImport(deps);
  return {
    connections: {
      list: () => listConnectionViews(deps),
      find: (id: string) => connectionView(deps, id),
      create: (input: ConnectionInput, actor: Actor) => createConnection(deps, input, actor),
      update: (id: string, patch: unknown, actor: Actor) => updateConnection(deps, id, patch, actor),
      remove: (id: string, actor: Actor) => deleteConnection(deps, id, actor),
      test: (id: string, signal: AbortSignal) => testStoredConnection(deps, id, signal),
      testKey: (input: unknown, signal: AbortSignal) => testKey(deps, input, signal),
      testMany: (input: unknown, signal: AbortSignal) => testMany(deps, input, signal),
    },
    signIn: {
      offers: () => listSignIns(deps),
      begin: (input: BeginSignIn, actor: Actor): Promise<PendingView> => beginSignIn(deps, input, actor),
      paste: (input: Parameters<typeof pasteSignIn>[1]): Promise<Outcome> => pasteSignIn(deps, input),
      callback: (address: string) => deps.desk.callback(address),
      poll: (session: string, handle?: string): Promise<Outcome> => deps.desk.poll(session, handle),
      pending: (session: string): PendingView | undefined => deps.desk.pending(session),
      outcome: (handle: string): Outcome | undefined => deps.desk.outcome(handle),
      cancel: (session: string) => deps.desk.cancel(session),
      keep: (gained: SignedIn, wish: SignInWish) => keepSignIn(deps, gained, wish),
      takeOver: (connectionId: string, actor: Actor) => takeOverSignIn(deps, connectionId, actor),
      imports: (): ImportOffer[] => listImports(deps),
      importFile: (input: { id: string; acceptTerms: boolean }, actor: Actor): Promise<Imported> =>
        importFile(deps, input, actor),
      importPasted: (provider: string, input: unknown, actor: Actor): Promise<Imported> =>
        importPasted(deps, provider, input, actor),
      health: (): TokenHealth => deps.tokens.health(),
    },
    quotas: {
      of: (connectionId: string) => quotaOf(deps, connectionId),
      check: (connectionId: string) => checkQuota(deps, connectionId),
      setLimits: (connectionId: string, limits: unknown, actor: Actor) =>
        changeQuotaLimits(deps, connectionId, limits, actor),
    },
    notices: {
      renewSecret: (actor: Actor) => renewWebhookSecret(deps, actor),
      settings: () => noticeSettings(deps),
      change: (patch: unknown, actor: Actor) => changeNotices(deps, patch, actor),
    },
    tracing: {
      settings: () => tracingSettings(deps),
      change: (patch: unknown, actor: Actor) => changeTracing(deps, patch, actor),
    },
    nodes: {
      list: () => listProviderNodes(deps),
      check: (input: NodeCheck, signal: AbortSignal) => checkNode(deps, input, signal),
      create: (input: NodeInput, actor: Actor) => createNode(deps, input, actor),
      update: (id: string, patch: unknown, actor: Actor) => updateNode(deps, id, patch, actor),
      remove: (id: string, force: boolean, actor: Actor) => deleteNode(deps, id, force, actor),
    },
    models: {
      list: (provider?: string) => listAddedModels(deps, provider),
      add: (inputs: readonly CustomModelInput[], actor: Actor) => addModels(deps, inputs, actor),
      remove: (provider: string, id: string, actor: Actor) => removeModel(deps, provider, id, actor),
      import: (input: unknown, actor: Actor) => importModels(deps, input, actor),
    },
    prices: {
      of: (entry: ProviderEntry): PricedModel[] => pricedModels(deps, entry),
      defaultsOf: (entry: ProviderEntry): PricedModel[] => pricedModels(deps, entry, false),
      change: (patch: unknown, actor: Actor) => changePrices(deps, patch, actor),
      drop: (provider: string, model: string | undefined, actor: Actor) =>
        dropPrices(deps, provider, model, actor),
    },
    catalogue: {
      view: (): CatalogueView => deps.catalogueData.info(),
      load: (input: unknown, actor: Actor, signal: AbortSignal) => loadCatalogue(deps, input, actor, signal),
      reload: (actor: Actor) => reloadCatalogue(deps, actor),
      reset: (actor: Actor) => resetCatalogue(deps, actor),
    },
    combos: {
      list: () => allCombos(deps),
      find: (id: string) => comboById(deps, id),
      create: (input: ComboInput, actor: Actor) => createCombo(deps, input, actor),
      update: (id: string, patch: unknown, actor: Actor) => updateCombo(deps, id, patch, actor),
      remove: (id: string, force: boolean, actor: Actor) => deleteCombo(deps, id, force, actor),
    },
    aliases: {
      list: () => allAliases(deps),
      save: (input: unknown, actor: Actor) => setAlias(deps, input, actor),
      remove: (pattern: string, actor: Actor) => dropAlias(deps, pattern, actor),
    },
    chains: {
      list: () => allChains(deps),
      save: (input: unknown, actor: Actor) => setChain(deps, input, actor),
      remove: (input: unknown, actor: Actor) => dropChain(deps, input, actor),
    },
    comboDefaults: {
      view: () => comboDefaults(deps),
      change: (patch: unknown, actor: Actor) => changeComboDefaults(deps, patch, actor),
    },
    receipts: {
      find: (requestId: string) => receiptOf(deps, requestId),
    },
    resilience: {
      view: () => resilience(deps),
      change: (patch: unknown, actor: Actor) => changeResilience(deps, patch, actor),
    },
    rateLimits: {
      list: () => rateLimits(deps),
      protect: (input: unknown, actor: Actor) => protectConnection(deps, input, actor),
    },
    availability: {
      list: () => unavailable(deps),
      free: (input: unknown, actor: Actor) => makeAvailable(deps, input, actor),
    },
    locks: {
      list: () => locked(deps),
      unlock: (input: unknown, actor: Actor) => unlock(deps, input, actor),
    },
    copies: {
      make: (name: unknown, actor: Actor) => makeCopy(deps, name, actor),
      remove: (filename: string, actor: Actor) => dropCopy(deps, filename, actor),
      restore: (filename: string, dryRun: boolean, actor: Actor) =>
        restoreCopy(deps, filename, dryRun, actor),
      import: (file: { name: string; bytes: Uint8Array }, options: TakeIn, actor: Actor) =>
        importCopy(deps, file, options, actor),
      look: (
        file: { name: string; bytes: Uint8Array },
        options: Omit<TakeIn, "dryRun">,
        actor: Actor,
      ): LookedInto => staged.look(file, options, actor),
      nearby: () => nearbyFile(deps),
      lookNearby: (actor: Actor): LookedInto => staged.lookNearby(actor),
      bring: (id: string, actor: Actor) => staged.bring(id, actor),
      export: (passphrase: string | undefined, actor: Actor) => exportOwn(deps, passphrase, actor),
      exportShared: (actor: Actor) => exportShared(deps, actor),
    },
    history: {
      undo: (id: number | undefined, actor: Actor): Undone => undo(deps, id, actor),
    },
    settings: {
      change: (patch: unknown, actor: Actor) => changeSettings(deps, patch, actor),
    },
  };
}

export type Manage = ReturnType<typeof createManage>;
