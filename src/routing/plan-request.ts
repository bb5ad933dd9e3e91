import type { Caller } from "../core/key.ts";
import type { ModelType } from "../core/provider.ts";
import type { Overrides } from "./overrides.ts";
import type { Units } from "../core/reply.ts";
import type { ServiceKind } from "../core/services.ts";

/** What a caller's key may use, or its group. A missing function allows all. */
type AllowedTo = {
  /** `prefix/id` as it is shown. */
  model?(label: string): boolean;
  combo?(name: string): boolean;
  /** Is a combo named among the models? All that it holds may then be used through it. */
  asModel?(combo: string): boolean;
  provider?(providerId: string): boolean;
  connection?(connectionId: string): boolean;
};

/** What a caller may use: what its key may, and the key's group as well. */
export type Allowed = AllowedTo & { group?: AllowedTo };

/** Who keeps a caller from a thing, as a reason to leave it out; undefined when nobody does. */
export function forbids(
  allowed: Allowed | undefined,
  what: keyof AllowedTo,
  name: string,
): "not-allowed" | "not-allowed-group" | undefined {
  if (allowed === undefined) return undefined;
  if (allowed[what]?.(name) === false) return "not-allowed";
  return allowed.group?.[what]?.(name) === false ? "not-allowed-group" : undefined;
}

/** What a caller may use within a combo. */
export function allowedWithin(combo: string, allowed: Allowed | undefined): Allowed | undefined {
  if (!allowed) return undefined;
  const { group, ...own } = allowed;
  return { ...withinCombo(combo, own), ...(group && { group: withinCombo(combo, group) }) };
}

function withinCombo(combo: string, { model, ...rest }: AllowedTo): AllowedTo {
  return model && !rest.asModel?.(combo) ? { model, ...rest } : rest;
}

/** What planning must know of a request. */
export type PlanRequest = {
  /** The name the client wrote. */
  model: string;
  /** The client's format, or "other". */
  clientFormat: string;
  estimatedInputTokens: number;
  needsTools: boolean;
  needsVision: boolean;
  caller: Caller;
  /** Kind of the endpoint. Default: chat. */
  modelType?: ModelType;
  /** What is asked beside chat; its models are of `modelType`. */
  service?: ServiceKind;
  /** What will be used of things not sold by tokens, as far as the request says. */
  expectedUnits?: Units;
  /** The provider of a `/v1/providers/{provider}/…` path: its models only, no combos, no aliases. */
  provider?: string;
  /** Only this connection (`x-omniroute-connection`). */
  connectionId?: string;
  /** The conversation. */
  sessionKey?: string;
  /**
   * The conversation has no answer yet and its key was only guessed from its beginning. Its connection is remembered
   * but not preferred, or equal single questions would all go to one account.
   */
  opening?: boolean;
  allowed?: Allowed;
  overrides?: Overrides;
  /** A plan without targets is wanted too, for the reasons it gives. */
  evenEmpty?: boolean;
};
