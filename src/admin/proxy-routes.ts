import { z } from "zod";
import { badRequest, GatewayError } from "../core/errors.ts";
import type { Engine } from "../engine.ts";
import { proxyPatch, storedOf } from "../engine/proxy-book.ts";
import { testProxy } from "../engine/proxy-test.ts";
import { parseInput } from "../core/parse-input.ts";
import { type Proxy, PROXY_TYPES, proxyUrl } from "../net/index.ts";
import { addAudit, clearProxyLog, listProxyLog } from "../store/index.ts";
import { type AdminContext, isoTime } from "./http.ts";
import type { RouteTable } from "./route-table.ts";
import { queryText, time, yes } from "./shapes.ts";

/** How levels may be called, and where they stand in the map. */
const LEVELS = {
  global: "global",
  provider: "providers",
  providers: "providers",
  combo: "combos",
  combos: "combos",
  connection: "connections",
  connections: "connections",
  key: "keys",
  keys: "keys",
} as const;
const level = z.enum(Object.keys(LEVELS) as (keyof typeof LEVELS)[]);

/** Which network proxy calls take, and what went through them. */
export function proxyRoutes(table: RouteTable, engine: Engine): void {
  const { store } = engine;
  const { proxies } = engine.network;
  const accountOf = (id: string | undefined) =>
    engine.router.connections.find((connection) => connection.id === id)?.name ?? null;
  const isConnection = (id: string) => engine.router.connections.some((connection) => connection.id === id);

  const change = (c: AdminContext, patch: unknown) => {
    const before = proxies.shown();
    proxies.change(parseInput(proxyPatch, patch), isConnection);
    addAudit(store, {
      action: "settings.proxy",
      actor: c.get("actor").name,
      ip: c.env.peer,
      target: "proxy",
      result: "ok",
      details: { from: before, to: proxies.shown() },
    });
    return proxies.shown() as z.input<ReturnType<typeof mapShape>>;
  };

  table.add(
    {
      method: "GET",
      path: "/api/settings/proxy",
      role: "reader",
      summary: "The proxies of all levels; of one level; or, with `resolve`, what a connection's calls take.",
      query: () =>
        z.object({
          level: level.optional(),
          id: queryText(),
          resolve: queryText().describe("A connection's id"),
          key: queryText(),
          combo: queryText(),
        }),
      answer: () =>
        z.union([
          mapShape(),
          z.object({ level: z.string(), id: z.string().nullable(), proxy: proxyShape().nullable() }),
          z.object({
            proxy: proxyShape().nullable(),
            level: z.string().nullable(),
            levelId: z.string().nullable(),
          }),
        ]),
    },
    (_c, { query: { resolve, key, combo, level: asked, id } }) => {
      if (resolve !== undefined) return resolved(resolve, key, combo);
      const map = proxies.shown() as z.input<ReturnType<typeof mapShape>>;
      if (asked === undefined) return map;
      const name = LEVELS[asked];
      const proxy = name === "global" ? map.global : map[name][id ?? ""];
      return { level: asked, id: id ?? null, proxy: proxy ?? null };
    },
  );

  table.add(
    {
      method: "PUT",
      path: "/api/settings/proxy",
      role: "admin",
      summary: "Sets any part of the map, or one entry by `level` and `id`; `null` takes one away.",
      body: () =>
        proxyPatch.extend({
          level: level.optional(),
          id: z.string().max(200).optional(),
          proxy: z.unknown().optional(),
        }),
      answer: mapShape,
    },
    (c, { raw, body: { level: asked, id } }) =>
      change(c, asked === undefined ? raw : patchFor(asked, id, raw["proxy"] ?? null)),
  );

  table.add(
    {
      method: "DELETE",
      path: "/api/settings/proxy",
      role: "admin",
      summary: "Takes one entry away.",
      query: () => z.object({ level, id: queryText() }),
      answer: mapShape,
    },
    (c, { query }) => change(c, patchFor(query.level, query.id, null)),
  );

  table.add(
    {
      method: "POST",
      path: "/api/settings/proxy/test",
      role: "admin",
      summary: "Connects to a proxy; asks for the exit address where the setting egressCheckUrl names whom.",
      body: () => z.object({ proxy: proxyPatch.shape.global }),
      answer: () =>
        z.object({
          success: z.boolean(),
          publicIp: z.string().nullable().optional(),
          error: z.string().optional(),
          latencyMs: z.number(),
          proxyUrl: z.string(),
        }),
    },
    async (_c, { body: { proxy: entry } }) => {
      const proxy = entry ? storedOf(entry, undefined, "proxy") : null;
      if (!proxy || proxy.type === "direct") throw badRequest("Name a proxy to test.", "proxy");
      const shownUrl = proxyUrl(withoutPassword(proxy));
      return { ...(await testProxy(engine.network, engine.clock, proxy)), proxyUrl: shownUrl };
    },
  );

  table.add(
    {
      method: "GET",
      path: "/api/usage/proxy-logs",
      role: "reader",
      summary: "The calls that went through a proxy, the newest first.",
      query: () =>
        z.object({
          status: queryText(),
          type: queryText(),
          provider: queryText(),
          level: queryText(),
          search: queryText(),
          limit: z.coerce.number().int().min(1).max(1000).default(100),
        }),
      answer: () => z.object({ logs: z.array(proxiedCallShape()) }),
    },
    (_c, { query }) => ({ logs: listProxyLog(store, query).map((entry) => shownCall(entry, accountOf)) }),
  );

  table.add(
    {
      method: "DELETE",
      path: "/api/usage/proxy-logs",
      role: "admin",
      summary: "Empties the log of proxied calls.",
      answer: () => z.object({ success: yes(), removed: z.number() }),
    },
    () => ({ success: true, removed: clearProxyLog(store) }),
  );

  function resolved(connectionId: string, keyId: string | undefined, combo: string | undefined) {
    const connection = engine.router.connections.find((candidate) => candidate.id === connectionId);
    if (!connection) throw new GatewayError("not_found", "There is no such connection.");
    const more = {
      ...(keyId !== undefined && { keyId }),
      ...(combo !== undefined && { combos: [combo] }),
    };
    return shownProxy(engine, connection, more);
  }
}

/** A proxy as it is shown: its password masked or left out. */
const proxyShape = () =>
  z.looseObject({ type: z.enum(["direct", ...PROXY_TYPES]), host: z.string().optional() });

const mapShape = () =>
  z.object({
    global: proxyShape().nullable(),
    providers: z.record(z.string(), proxyShape()),
    combos: z.record(z.string(), proxyShape()),
    connections: z.record(z.string(), proxyShape()),
    keys: z.record(z.string(), proxyShape()),
  });

const proxiedCallShape = () =>
  z.looseObject({
    timestamp: time(),
    level: z.string(),
    levelId: z.string().nullable(),
    proxy: z.object({ type: z.string(), host: z.string(), port: z.number() }),
    publicIp: z
      .string()
      .nullable()
      .describe("Where calls through it were last seen to come from; null: unknown"),
    publicIpSeen: time(),
    targetUrl: z.string(),
    provider: z.string().nullable(),
    connectionId: z.string().nullable(),
    account: z.string().nullable(),
    comboId: z.string().nullable(),
    status: z.enum(["ok", "failed"]),
    latencyMs: z.number(),
    error: z.string().nullable(),
  });

function shownCall(
  entry: ReturnType<typeof listProxyLog>[number],
  accountOf: (connectionId: string | undefined) => string | null,
) {
  const { at, type, host, target, durationMs, error, connectionId, provider, exit, ...row } = entry;
  const colon = host.lastIndexOf(":");
  return {
    ...row,
    timestamp: isoTime(at),
    levelId: entry.levelId ?? null,
    comboId: entry.comboId ?? null,
    account: accountOf(connectionId),
    publicIp: exit?.address ?? null,
    publicIpSeen: exit ? isoTime(exit.seenAt) : null,
    proxy: { type, host: host.slice(0, colon), port: Number(host.slice(colon + 1)) },
    targetUrl: target,
    provider: provider ?? null,
    connectionId: connectionId ?? null,
    latencyMs: durationMs,
    error: error ?? null,
  };
}

function patchFor(asked: z.output<typeof level>, id: unknown, proxy: unknown): object {
  const name = LEVELS[asked];
  if (name === "global") return { global: proxy };
  if (typeof id !== "string" || id === "") throw badRequest("Name what the proxy is for: `id`.", "id");
  return { [name]: { [id]: proxy } };
}

/** The proxy that a connection's calls take, and which level says so; without its password. */
export function shownProxy(
  { network }: Pick<Engine, "network">,
  { id, provider }: { id: string; provider: string },
  more: { keyId?: string; combos?: string[] } = {},
) {
  const found = network.proxies.choose({ via: { connectionId: id, provider, ...more } });
  const proxy =
    found && (found.proxy === "direct" ? { type: "direct" as const } : withoutPassword(found.proxy));
  return { proxy: proxy ?? null, level: found?.level ?? null, levelId: found?.levelId ?? null };
}

function withoutPassword({ type, host, port, username }: Proxy): Proxy {
  return { type, host, port, ...(username !== undefined && { username }) };
}
