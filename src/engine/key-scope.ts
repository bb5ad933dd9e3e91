import type { Caller, KeyRules } from "../core/key.ts";
import { GatewayError } from "../core/errors.ts";
import { globMatches } from "../lib/glob.ts";
import type { Allowed, Catalogue } from "../routing/index.ts";

/** What a caller's key and its group may use; undefined when both may use everything. */
export function allowedFor({ key, group }: Caller, catalogue: Catalogue): Allowed | undefined {
  const own = key && allowedTo(key, catalogue);
  const shared = group && allowedTo(group, catalogue);
  return shared ? { ...own, group: shared } : own;
}

function allowedTo(rules: KeyRules, catalogue: Catalogue): Allowed | undefined {
  const { allowedModels, allowedCombos, allowedProviders, allowedConnections } = rules;
  const allowed: Allowed = {
    ...(allowedModels && {
      model: (label) => isModelAllowed(allowedModels, label),
      asModel: (combo) => allowedModels.includes(combo),
    }),
    ...(allowedCombos && { combo: (name) => matchesAny(allowedCombos, name) }),
    ...(allowedProviders && { provider: (id) => isProviderAllowed(allowedProviders, id, catalogue) }),
    ...(allowedConnections && { connection: isAmong(allowedConnections, catalogue) }),
  };
  return Object.keys(allowed).length === 0 ? undefined : allowed;
}

/** Throws `forbidden` (403) when the key or its group may not call at this path. Lists of models are open to every key. */
export function checkEndpoint({ key, group }: Caller, path: string): void {
  if (!key?.allowedEndpoints && !group?.allowedEndpoints) return;
  const endpoint = endpointOf(path);
  const isOpen = (rules: KeyRules | undefined) => rules?.allowedEndpoints?.includes(endpoint) !== false;
  if (isOpen(key) && isOpen(group)) return;
  const who = isOpen(key) ? "The group of this API key" : "This API key";
  throw new GatewayError("forbidden", `${who} may not call ${endpoint} endpoints.`);
}

/** A pattern without a provider's prefix means the model at every provider. */
function isModelAllowed(patterns: readonly string[], label: string): boolean {
  const bare = label.slice(label.indexOf("/") + 1);
  return patterns.some((pattern) => globMatches(pattern, label) || globMatches(pattern, bare));
}

function isProviderAllowed(names: readonly string[], id: string, catalogue: Catalogue): boolean {
  return names.some((name) => name === id || catalogue.byPrefix.get(name.toLowerCase())?.provider.id === id);
}

const GROUP = "group:";

/** Connections by their ids, and `group:NAME` for all that a person put into a group. */
function isAmong(names: readonly string[], catalogue: Catalogue): (id: string) => boolean {
  const groups = names.filter((name) => name.startsWith(GROUP)).map((name) => name.slice(GROUP.length));
  const ids = new Set(names);
  if (groups.length > 0)
    for (const { connections } of catalogue.entries)
      for (const { id, group } of connections) if (group !== undefined && groups.includes(group)) ids.add(id);
  return (id) => ids.has(id);
}

const matchesAny = (patterns: readonly string[], name: string): boolean =>
  patterns.some((pattern) => globMatches(pattern, name));

function endpointOf(path: string): string {
  const rest = path.replace(/^\/v1\/providers\/[^/]+\//, "/v1/");
  if (/^\/v1(?:alpha|beta)\//.test(rest) || rest.includes(":")) return "gemini";
  const [, , first = "", second = ""] = rest.split("/");
  return first === "api" ? "ollama" : first === "chat" && second !== "completions" ? "other" : first;
}
