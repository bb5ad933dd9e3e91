import type { testNode, TestResult } from "../accounts/index.ts";
import type { ComboInput, Connection, ConnectionInput, CustomModelInput, NodeInput } from "../core/domain.ts";
import type { ProviderDefinition } from "../core/provider.ts";
import type { Clock } from "../lib/clock.ts";
import type { AddressPolicy } from "../net/index.ts";
import type { Catalogue, HealthBoard } from "../routing/index.ts";
import type { Store } from "../store/index.ts";
import type { Actor } from "./actor.ts";
import { allCombos, comboById, createCombo, deleteCombo, updateCombo } from "./combos.ts";
import {
  connectionView,
  createConnection,
  deleteConnection,
  listConnectionViews,
  testStoredConnection,
  updateConnection,
} from "./connections.ts";
import { checkNode, createNode, deleteNode, listProviderNodes, type NodeCheck, updateNode } from "./nodes.ts";
import { addModels, listAddedModels, removeModel } from "./models.ts";
import { changeSettings } from "./settings.ts";

export type { Actor } from "./actor.ts";
export type { ConnectionStatus, ConnectionView } from "./connections.ts";
export { parseInput } from "./parse.ts";

export type ManageDeps = {
  store: Store;
  clock: Clock;
  health: HealthBoard;
  catalogue(): Catalogue;
  /** Stored connections and those of the environment. */
  connections(): readonly Connection[];
  addressPolicy(): AddressPolicy;
  /** Something was written beside a connection: those who hold it in memory must read it again. */
  noted(): void;
  test(provider: ProviderDefinition, connection: Connection, signal: AbortSignal): Promise<TestResult>;
  testNode(input: Omit<Parameters<typeof testNode>[0], "outbound" | "clock">): Promise<TestResult>;
};

/**
 * What people change, for both private doors: checked with the schemas of core, saved, audited, and in force on the
 * next request. Everything throws `GatewayError` with a sentence for the person.
 */
export function createManage(deps: ManageDeps) {
  return {
    connections: {
      list: () => listConnectionViews(deps),
      find: (id: string) => connectionView(deps, id),
      create: (input: ConnectionInput, actor: Actor) => createConnection(deps, input, actor),
      update: (id: string, patch: unknown, actor: Actor) => updateConnection(deps, id, patch, actor),
      remove: (id: string, actor: Actor) => deleteConnection(deps, id, actor),
      test: (id: string, signal: AbortSignal) => testStoredConnection(deps, id, signal),
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
    },
    combos: {
      list: () => allCombos(deps),
      find: (id: string) => comboById(deps, id),
      create: (input: ComboInput, actor: Actor) => createCombo(deps, input, actor),
      update: (id: string, patch: unknown, actor: Actor) => updateCombo(deps, id, patch, actor),
      remove: (id: string, force: boolean, actor: Actor) => deleteCombo(deps, id, force, actor),
    },
    settings: {
      change: (patch: unknown, actor: Actor) => changeSettings(deps, patch, actor),
    },
  };
}

export type Manage = ReturnType<typeof createManage>;
