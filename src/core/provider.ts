import type { ProviderFormatId } from "./reply.ts";
import type { Quirks } from "./quirks.ts";
import type { DialectOf, ServiceKind, ServiceQuirks } from "./services.ts";

/** Order in which bare model ids are tried: subscription, API key, cheap, free. */
export const TIERS = ["subscription", "api-key", "cheap", "free"] as const;
export type Tier = (typeof TIERS)[number];

/** How a request proves who pays for it. */
export type AuthScheme =
  /** The key in a header; `prefix` stands directly before it (`"Bearer "`, with its space). */
  | { type: "key"; header: string; prefix?: string }
  /** Nothing is needed; a key is sent as a bearer where one is stored (local servers). */
  | { type: "optional-key" }
  /** A signed-in account; its token is a bearer, `prefix` standing directly before it (default `"Bearer "`). */
  | { type: "sign-in"; prefix?: string }
  | { type: "none" };

/**
 * Base tier list prices in USD per 1M tokens. Unset cache and reasoning prices follow input and output. What is not
 * sold by tokens has a price per unit beside (or instead: then `input` and `output` are 0).
 */
export type Price = {
  input: number;
  output: number;
  cacheRead?: number;
  cacheWrite?: number;
  /** Writes kept for an hour (Anthropic: twice the input price). */
  cacheWrite1h?: number;
  reasoning?: number;
} & UnitPrice;

/** USD for one minute of audio, one image, one rerank search, one character spoken. */
export type UnitPrice = {
  perMinute?: number;
  perImage?: number;
  perSearch?: number;
  perCharacter?: number;
};

export const MODEL_TYPES = ["chat", "embedding", "image", "audio", "rerank", "moderation"] as const;
export type ModelType = (typeof MODEL_TYPES)[number];

export type ModelDefinition = {
  id: string;
  name?: string;
  /** Default: chat. */
  type?: ModelType;
  /** Context window in tokens. */
  context?: number;
  maxOutput?: number;
  /**
   * `[input, output]` or `[input, output, cacheRead]` or `[…, cacheWrite]` in USD per 1M tokens; or a full price, or
   * one of units alone.
   */
  price?: readonly [number, number, number?, number?] | Price | UnitPrice;
  reasoning?: boolean;
  vision?: boolean;
  tools?: boolean;
  /** Which of the provider's chat services serves it; default: all. */
  formats?: readonly ProviderFormatId[];
  /** Which of the provider's services beside chat serve it; default: all of its type. */
  services?: readonly ServiceKind[];
  /** Length of an embedding. */
  dimensions?: number;
  /** Sizes of images it makes, as `1024x1024`. */
  sizes?: readonly string[];
  status?: Status;
};

export type Status = {
  state: "works" | "restricted" | "shut-down" | "not-offered";
  /** ISO date since when. */
  since?: string;
  /** The vendor's rule or what happened, in one sentence for people. */
  note?: string;
  source?: string;
  replacement?: string;
};

/** One way to chat with a provider. */
export type ChatService = {
  format: ProviderFormatId;
  /** Appended to the connection's base URL. `{model}` and, for Gemini, `{verb}` are filled in. */
  path: string;
  /** Where the provider counts tokens itself. */
  countPath?: string;
  headers?: Readonly<{ [name: string]: string }>;
  /** How this path takes the key, where it differs from the provider's other paths. */
  auth?: AuthScheme;
  quirks?: Quirks;
};

/** One thing a provider does beside chat. */
export type Service<Kind extends ServiceKind = ServiceKind> = {
  /** The shape of its calls and answers; see `src/formats/services`. */
  dialect: DialectOf<Kind>;
  /** Appended to the connection's base URL. `{model}` is filled in, its slashes kept. */
  path: string;
  /** Where this service lives, when not at the provider's base URL. A connection's own base URL wins. */
  baseUrl?: string;
  headers?: Readonly<{ [name: string]: string }>;
  /** How this path takes the key, where it differs from the provider's other paths. */
  auth?: AuthScheme;
  quirks?: ServiceQuirks;
};

export type Services = { readonly [Kind in ServiceKind]?: Service<Kind> };

export type ProviderDefinition = {
  id: string;
  /** Accepted before the slash beside the id, in any letter case. */
  prefixes?: readonly string[];
  name: string;
  tier: Tier;
  status?: Status;
  auth: AuthScheme;
  /** Headers that name a signed-in account, by the field of its credentials they come from; sent where it is there. */
  accountHeaders?: Readonly<{ [header: string]: string }>;
  /** Without a slash at the end. A connection may override it. */
  baseUrl: string;
  /** The first is used when none speaks the client's format. Empty for those that do not chat. */
  chat: readonly ChatService[];
  /** What it does beside chat. */
  services?: Services;
  /** Path of the model list (GET), used for tests and discovery. */
  modelsPath?: string;
  /** A server of the user's own: its models are whatever it answers when asked. */
  modelsByAsking?: boolean;
  /** The model list answers strangers too, so it proves nothing about a key. */
  modelsArePublic?: boolean;
  /** Path (GET) that answers only a good key, where the model list is public. */
  keyCheckPath?: string;
  /** Whose proofs these are, when several providers front one vendor. Default: the id. */
  proofMaker?: string;
  models: readonly ModelDefinition[];
  /** For coding, where nobody said which: good, at an ordinary price. Default: the first that takes tools. */
  mainModel?: string;
  /** Names people write → ids the vendor knows. */
  renames?: Readonly<{ [id: string]: string }>;
  /** Environment variable whose key makes a read-only connection. */
  envKey?: string;
  /** Where a person gets a key, and other help shown in the connect dialog. */
  keyUrl?: string;
  /** Understands `models` and `provider` preferences in a request itself. */
  routesByItself?: boolean;
  /** Served inside this process, no network (the mock). */
  builtIn?: boolean;
};

/** Declares a provider; gives it back unchanged, checked by the compiler. */
export function defineProvider(definition: ProviderDefinition): ProviderDefinition {
  return definition;
}
