import type { Settings } from "../core/settings.ts";
import { badRequest } from "../core/errors.ts";
import type { ChatRequest } from "../core/request.ts";
import { isObject } from "../lib/json.ts";
import { scannedValue } from "../lib/json-scan.ts";
import type { Overrides, ProviderPreferences } from "../routing/index.ts";
import type { Call } from "./call.ts";

const FIELDS = ["models", "provider", "route"];
const MOST_MODELS = 20;
const MOST_PROVIDERS = 50;

/**
 * Where the request itself wants to go, by OpenRouter's `models` and `provider`; undefined when it does not say,
 * without wishes when its key may have none. Throws `bad_request` for what is neither.
 */
export function overridesOf(call: Call, settings: Settings): Overrides | undefined {
  const { fields } = call.scan;
  if (!fields.has("models") && !fields.has("provider")) return undefined;
  // The path has decided already.
  if (call.inbound.providerRoute !== undefined) return undefined;
  const { enabled, deniedKeys } = settings.requestOverrides;
  if (!enabled || deniedKeys.includes(call.inbound.caller.keyId)) return {};
  const models = namesOf(scannedValue(call.bytes, call.scan, "models"), "models", MOST_MODELS);
  const provider = preferencesOf(scannedValue(call.bytes, call.scan, "provider"));
  if (!models && !provider) return undefined;
  return { ...(models && { models }), ...(provider && { provider }) };
}

/** The request without the words that were meant for us. */
export function withoutOverrides(request: ChatRequest): ChatRequest {
  const vendor = Object.fromEntries(
    Object.entries(request.vendor ?? {}).map(([format, bag]) => [
      format,
      Object.fromEntries(Object.entries(bag ?? {}).filter(([field]) => !FIELDS.includes(field))),
    ]),
  );
  return { ...request, vendor };
}

function preferencesOf(value: unknown): ProviderPreferences | undefined {
  // Some clients name the provider they think they talk to; that is no preference of OpenRouter's kind.
  if (!isObject(value)) return undefined;
  const order = namesOf(value.order, "provider.order", MOST_PROVIDERS);
  const only = namesOf(value.only, "provider.only", MOST_PROVIDERS);
  const ignore = namesOf(value.ignore, "provider.ignore", MOST_PROVIDERS);
  const allow = value.allow_fallbacks;
  if (allow !== undefined && allow !== null && typeof allow !== "boolean")
    throw badRequest("`provider.allow_fallbacks` must be true or false.", "provider.allow_fallbacks");
  const sort = sortOf(value.sort);
  return {
    ...(order && { order }),
    ...(only && { only }),
    ...(ignore && { ignore }),
    ...(typeof allow === "boolean" && { allowFallbacks: allow }),
    ...(sort && { sort }),
  };
}

function sortOf(value: unknown): ProviderPreferences["sort"] {
  const word = isObject(value) ? value.by : value;
  if (word === undefined || word === null) return undefined;
  if (word === "price" || word === "latency" || word === "throughput") return word;
  throw badRequest("`provider.sort` must be price, latency or throughput.", "provider.sort");
}

function namesOf(value: unknown, field: string, most: number): string[] | undefined {
  if (value === undefined || value === null) return undefined;
  const isList = Array.isArray(value) && value.every((name) => typeof name === "string" && name !== "");
  if (!isList || value.length > most)
    throw badRequest(`\`${field}\` must be a list of at most ${most} names.`, field);
  return value as string[];
}
