import type { Hono } from "hono";
import { z } from "zod";
import { badRequest, GatewayError } from "../core/errors.ts";
import type { Engine } from "../engine.ts";
import { proxyPatch, storedOf } from "../engine/proxy-book.ts";
import { parseInput } from "../manage/index.ts";
import { checkedAddresses, greetSocks, type Proxy, proxyUrl, systemResolve, tcpProbe } from "../net/index.ts";
import { addAudit, clearProxyLog, listProxyLog } from "../store/index.ts";
import { type AdminContext, type AdminEnv, ignoredFields, isoTime, jsonBody } from "./http.ts";

const TEST_MS = 10_000;
const level = z.enum([
  "global",
  "provider",
  "providers",
  "combo",
  "combos",
  "connection",
  "connections",
  "key",
  "keys",
]);
const PLURAL = { provider: "providers", combo: "combos", connection: "connections", key: "keys" } as const;

/** Which network proxy calls take, and what went through them. */
export function proxyRoutes(app: Hono<AdminEnv>, engine: Engine): void {
  const { proxies, store } = engine;
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
    return proxies.shown();
  };

  app.get("/api/settings/proxy", (c) => {
    const { resolve, key, combo, level: asked, id } = c.req.query();
    if (resolve !== undefined) {
      const connection = engine.router.connections.find((candidate) => candidate.id === resolve);
      if (!connection) throw new GatewayError("not_found", "There is no such connection.");
      const more = {
        ...(key !== undefined && { keyId: key }),
        ...(combo !== undefined && { combos: [combo] }),
      };
      return c.json(shownProxy(engine, connection, more));
    }
    const map: { [level: string]: unknown } = proxies.shown();
    if (asked === undefined) return c.json(map);
    const name = pluralOf(parseInput(level, asked));
    const named = (name === "global" ? { "": map["global"] } : map[name]) as { [id: string]: unknown };
    return c.json({
      level: asked,
      id: id ?? null,
      proxy: named[name === "global" ? "" : (id ?? "")] ?? null,
    });
  });

  app.on(["PUT", "PATCH"], "/api/settings/proxy", async (c) => {
    const body = await jsonBody(c);
    if (body["level"] === undefined) {
      return c.json(change(c, body), 200, ignoredFields(body, Object.keys(proxyPatch.shape)));
    }
    return c.json(change(c, patchFor(body["level"], body["id"], body["proxy"] ?? null)));
  });

  app.delete("/api/settings/proxy", (c) =>
    c.json(change(c, patchFor(c.req.query("level"), c.req.query("id"), null))),
  );

  app.post("/api/settings/proxy/test", async (c) => {
    const body = await jsonBody(c);
    const { global: entry } = parseInput(proxyPatch, { global: body["proxy"] });
    const proxy = entry ? storedOf(entry, undefined, "proxy") : null;
    if (!proxy || proxy.type === "direct") throw badRequest("Name a proxy to test.", "proxy");
    const shownUrl = proxyUrl(withoutPassword(proxy));
    const started = engine.clock.monotonic();
    const latencyMs = () => Math.round(engine.clock.monotonic() - started);
    try {
      await reach(engine, proxy);
      return c.json({ success: true, publicIp: null, latencyMs: latencyMs(), proxyUrl: shownUrl });
    } catch (error) {
      const words = error instanceof Error ? error.message : "it could not be reached";
      return c.json({
        success: false,
        error: words.slice(0, 300),
        latencyMs: latencyMs(),
        proxyUrl: shownUrl,
      });
    }
  });

  app.get("/api/usage/proxy-logs", (c) => {
    const { limit, ...query } = c.req.query();
    const rows = listProxyLog(store, { ...query, ...(limit && { limit: Number(limit) || 100 }) });
    return c.json({
      logs: rows.map(({ at, type, host, target, durationMs, error, connectionId, provider, ...row }) => ({
        ...row,
        timestamp: isoTime(at),
        proxy: {
          type,
          host: host.slice(0, host.lastIndexOf(":")),
          port: Number(host.slice(host.lastIndexOf(":") + 1)),
        },
        targetUrl: target,
        provider: provider ?? null,
        connectionId: connectionId ?? null,
        latencyMs: durationMs,
        error: error ?? null,
      })),
    });
  });

  app.delete("/api/usage/proxy-logs", (c) => c.json({ success: true, removed: clearProxyLog(store) }));
}

function pluralOf(name: z.output<typeof level>) {
  return name in PLURAL ? PLURAL[name as keyof typeof PLURAL] : name;
}

function patchFor(asked: unknown, id: unknown, proxy: unknown): object {
  const name = pluralOf(parseInput(level, asked));
  if (name === "global") return { global: proxy };
  if (typeof id !== "string" || id === "") throw badRequest("Name what the proxy is for: `id`.", "id");
  return { [name]: { [id]: proxy } };
}

/** The proxy that a connection's calls take, and which level says so; without its password. */
export function shownProxy(
  { proxies, catalogue }: Pick<Engine, "proxies" | "catalogue">,
  { id, provider }: { id: string; provider: string },
  more: { keyId?: string; combos?: string[] } = {},
) {
  const providerNames = catalogue.byId.get(provider)?.provider.prefixes ?? [];
  const found = proxies.choose({ via: { connectionId: id, provider, providerNames, ...more } });
  const proxy = found && (found.proxy === "direct" ? { type: "direct" } : withoutPassword(found.proxy));
  return { proxy: proxy ?? null, level: found?.level ?? null, levelId: found?.levelId ?? null };
}

function withoutPassword({ type, host, port, username }: Proxy): Proxy {
  return { type, host, port, ...(username !== undefined && { username }) };
}

/** Throws when the proxy's address may not be called, or nothing answers there. */
async function reach(engine: Engine, proxy: Proxy): Promise<void> {
  const host = proxy.host.includes(":") ? `[${proxy.host}]` : proxy.host;
  const [address] = await checkedAddresses(
    new URL(`http://${host}:${proxy.port}`),
    engine.addressPolicy(),
    systemResolve,
  );
  if (address === undefined) throw new Error("The name of the proxy could not be resolved.");
  if (proxy.type === "socks5" || proxy.type === "socks5h") await greetSocks({ ...proxy, host: address });
  else await tcpProbe(address, proxy.port, AbortSignal.timeout(TEST_MS));
}
