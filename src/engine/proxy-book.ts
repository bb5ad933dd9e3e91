import { z } from "zod";
import { badRequest } from "../core/errors.ts";
import { isObject } from "../lib/json.ts";
import {
  type OutboundRequest,
  parseProxyUrl,
  type Proxy,
  PROXY_TYPES,
  type ProxyChoice,
} from "../net/index.ts";
import { readSecretValue, saveSecretValue, type Store } from "../store/index.ts";

export const PROXY_LEVELS = ["global", "providers", "combos", "connections", "keys"] as const;
type NamedLevel = Exclude<(typeof PROXY_LEVELS)[number], "global">;

const direct = z.object({ type: z.literal("direct") });
const parts = z.object({
  type: z.enum(PROXY_TYPES),
  host: z
    .string()
    .trim()
    .min(1)
    .max(253)
    .regex(/^[\w.:-]+$/, "a host name or an address"),
  port: z.coerce.number().int().min(1).max(65_535),
  username: z.string().max(255).nullish(),
  password: z.string().max(255).nullish(),
});
const byUrl = z.object({ url: z.string().max(2000) });
const entry = z.union([z.null(), direct, byUrl, parts]);
const entries = z.record(z.string().min(1).max(200), entry);
/** Any part of the map; `null` takes an entry away. */
export const proxyPatch = z
  .object({ global: entry, providers: entries, combos: entries, connections: entries, keys: entries })
  .partial();
type Entry = z.output<typeof entry>;

type Stored = Proxy | { type: "direct" };
/** All proxies that are set, with their passwords. */
export type ProxyMap = { global: Stored | null } & Record<NamedLevel, { [id: string]: Stored }>;

const NAMED: readonly NamedLevel[] = ["keys", "combos", "connections", "providers"];
const SHOWN_LEVEL = {
  keys: "key",
  combos: "combo",
  connections: "connection",
  providers: "provider",
} as const;
const MASK = "••••••••";

/** Which proxy a call takes: the first level that says something wins, from the key down to the global one. */
export class ProxyBook {
  #map: ProxyMap;

  constructor(
    readonly store: Store,
    /** What else a provider is called: a proxy may be set under each of its prefixes. */
    readonly prefixesOf: (providerId: string) => readonly string[],
  ) {
    this.#map = this.#read();
    store.onChange((change) => {
      if (change === "values") this.#map = this.#read();
    });
  }

  /** What is set for a call; undefined when no level says anything. */
  choose({ via = {} }: Pick<OutboundRequest, "via">): ProxyChoice | undefined {
    const ids: Record<NamedLevel, readonly (string | undefined)[]> = {
      keys: [via.keyId],
      combos: via.combos ?? [],
      connections: [via.connectionId],
      providers: via.provider === undefined ? [] : [via.provider, ...this.prefixesOf(via.provider)],
    };
    for (const level of NAMED) {
      for (const id of ids[level]) {
        const found = id === undefined ? undefined : this.#map[level][id];
        if (found) return { ...chosen(found), level: SHOWN_LEVEL[level], levelId: id! };
      }
    }
    return this.#map.global ? { ...chosen(this.#map.global), level: "global" } : undefined;
  }

  /** Every proxy that stands somewhere in the map. */
  all(): Proxy[] {
    const { global, ...levels } = this.#map;
    return [global, ...Object.values(levels).flatMap((named) => Object.values(named))].filter(
      (stored) => stored !== null && stored.type !== "direct",
    );
  }

  /** What is set for one thing, password included; `id` is left out for the global level. */
  find(level: (typeof PROXY_LEVELS)[number], id?: string): Proxy | undefined {
    const stored = level === "global" ? this.#map.global : id === undefined ? null : this.#map[level][id];
    return stored && stored.type !== "direct" ? stored : undefined;
  }

  /** The map without passwords. */
  shown() {
    const { global, ...levels } = this.#map;
    return {
      global: global && masked(global),
      ...Object.fromEntries(
        Object.entries(levels).map(([level, named]) => [
          level,
          Object.fromEntries(Object.entries(named).map(([id, proxy]) => [id, masked(proxy)])),
        ]),
      ),
    };
  }

  /** Sets what a patch names and leaves the rest. A connection's id under `keys` belongs to the connections. */
  change(patch: z.output<typeof proxyPatch>, isConnection: (id: string) => boolean): void {
    const map = structuredClone(this.#map);
    if (patch.global !== undefined) map.global = storedOf(patch.global, map.global ?? undefined, "global");
    for (const level of NAMED) {
      for (const [id, value] of Object.entries(patch[level] ?? {})) {
        const place = level === "keys" && isConnection(id) ? "connections" : level;
        const stored = storedOf(value, map[place][id], `${level}.${id}`);
        if (stored) map[place][id] = stored;
        else delete map[place][id];
      }
    }
    saveSecretValue(this.store, "proxy", "map", JSON.stringify(map));
    this.#map = map;
  }

  #read(): ProxyMap {
    const text = readSecretValue(this.store, "proxy", "map");
    const kept: unknown = text === undefined ? undefined : JSON.parse(text);
    const empty: ProxyMap = { global: null, providers: {}, combos: {}, connections: {}, keys: {} };
    return isObject(kept) ? { ...empty, ...(kept as Partial<ProxyMap>) } : empty;
  }
}

/** A checked entry as it is kept and dialled. Throws `bad_request` for a URL that is no proxy's. */
export function storedOf(value: Entry, before: Stored | undefined, field: string): Stored | null {
  if (value === null) return null;
  if ("url" in value) {
    const proxy = parseProxyUrl(value.url);
    if (!proxy)
      throw badRequest(`${field}: the URL must be http://, https://, socks5:// or socks5h://.`, field);
    return proxy;
  }
  if (value.type === "direct") return { type: "direct" };
  const { username, password, ...place } = value;
  if (!username) return place;
  const old = before && "password" in before ? before.password : undefined;
  const secret = password === MASK ? old : password;
  return { ...place, username, ...(secret && { password: secret }) };
}

const chosen = (stored: Stored): { proxy: Proxy | "direct" } => ({
  proxy: stored.type === "direct" ? "direct" : stored,
});
const masked = (stored: Stored): Stored =>
  "password" in stored && stored.password !== undefined ? { ...stored, password: MASK } : stored;
