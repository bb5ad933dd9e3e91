import type { Access } from "./access/index.ts";
import type { Accounts } from "./accounts/index.ts";
import type { Config } from "./core/config.ts";
import type {
  Caller,
  Combo,
  ComboInput,
  Connection,
  ConnectionInput,
  ConnectionPatch,
  NodeInput,
  ProviderNode,
  Settings,
} from "./core/domain.ts";
import type { LiveRequest, RequestRecord } from "./core/record.ts";
import type { ModelType, ProviderDefinition } from "./core/provider.ts";
import type { Clock } from "./lib/clock.ts";

/** What the engine tells those who listen, as it happens. */
export type EngineEvent =
  | { type: "request-started"; request: LiveRequest }
  | { type: "request-ended"; request: RequestRecord }
  | { type: "changed"; what: "connections" | "combos" | "keys" | "nodes" | "settings" | "health" };

/** A model as lists show it. */
export type ListedModel = {
  /** The name to call it by: `prefix/id`, or a combo's name. */
  id: string;
  name: string;
  type: ModelType | "combo";
  ownedBy: string;
  context?: number;
  maxOutput?: number;
  tools?: boolean;
  vision?: boolean;
  reasoning?: boolean;
};
