import { z } from "zod";
import { collectorHeaders, isCollector } from "../core/collector.ts";
import { badRequest } from "../core/errors.ts";
import { isObject, tryParseJson } from "../lib/json.ts";
import { checkBaseUrl } from "../net/index.ts";
import { patchSettings, readSecretValue, saveSecretValue, type Store } from "../store/index.ts";
import { type Actor, audit } from "./actor.ts";
import type { ManageDeps } from "./deps.ts";
import { parseInput } from "../core/parse-input.ts";

/** Where traces go. Of the headers only the names are told. */
export type TracingSettings = { endpoint: string; headers: string[] };

/** A change of where traces go; what it does not name stays. */
export const tracingPatch = z.object({
  /** An address such as `http://localhost:4318`; nothing for no collector. */
  endpoint: z.string().max(2000).optional(),
  /** `name=value` pairs separated by commas, or null or nothing to take them away. */
  headers: z.string().max(8000).nullish(),
});

type Kept = { origin: string; headers: { [name: string]: string } };

/** What opens the collector at an address; nothing where the headers were given for another one. */
export function readTraceHeaders(store: Store, endpoint: string): { [name: string]: string } {
  const kept = keptHeaders(store);
  return kept && kept.origin === originOf(endpoint) ? kept.headers : {};
}

/** Where traces go, and the names of the headers that go along. */
export function tracingSettings(deps: ManageDeps): TracingSettings {
  const { otlpEndpoint } = deps.settings();
  return {
    endpoint: otlpEndpoint,
    headers: Object.keys(readTraceHeaders(deps.store, otlpEndpoint)).toSorted(),
  };
}

/** Changes where traces go. Headers stay with the host they were given for. Throws `bad_request`. */
export function changeTracing(deps: ManageDeps, patch: unknown, actor: Actor): TracingSettings {
  const { endpoint: typed, headers } = parseInput(tracingPatch, patch);
  const endpoint = typed?.trim();
  const before = deps.settings().otlpEndpoint;
  if (endpoint) checkCollector(deps, endpoint);
  const read = headers ? collectorHeaders(headers) : undefined;
  if (headers && !read)
    throw badRequest("`headers` must be name=value pairs, separated by commas.", "headers");
  const place = endpoint ?? before;
  if (read && place === "") throw badRequest("Headers need the address they are for.", "endpoint");
  if (endpoint !== undefined) patchSettings(deps.store, { otlpEndpoint: endpoint });
  if (headers !== undefined) {
    const kept = read && { origin: originOf(place), headers: read };
    saveSecretValue(deps.store, "tracing", "headers", kept && JSON.stringify(kept));
  }
  audit(deps.store, actor, "settings.update", "tracing", {
    ...(endpoint !== undefined && { from: before, to: endpoint }),
    ...(headers !== undefined && { headers: read ? Object.keys(read) : "removed" }),
  });
  return tracingSettings(deps);
}

function checkCollector(deps: ManageDeps, endpoint: string): void {
  if (!isCollector(endpoint))
    throw badRequest("The collector needs an address such as http://localhost:4318.", "endpoint");
  checkBaseUrl(endpoint.replace(/[?#].*$/s, ""), deps.addressPolicy());
}

function keptHeaders(store: Store): Kept | undefined {
  const kept = tryParseJson(readSecretValue(store, "tracing", "headers") ?? "");
  return isObject(kept) ? (kept as Kept) : undefined;
}

const originOf = (address: string): string => URL.parse(address)?.origin ?? "";
