import type { Hono } from "hono";
import { badRequest } from "../core/errors.ts";
import type { Alias } from "../core/alias.ts";
import type { FallbackChain } from "../core/chain.ts";
import type { Engine } from "../engine.ts";
import { type AdminContext, type AdminEnv, ignoredFields, isoTime, jsonBody } from "./http.ts";

/** Names that stand for others: aliases, fallback chains; and what combos take when they say nothing. */
export function routingRoutes(app: Hono<AdminEnv>, engine: Engine): void {
  const { aliases, chains, comboDefaults } = engine.manage;

  app.get("/api/models/alias", (c) => {
    const { exact, patterns } = aliases.list();
    return c.json({
      aliases: Object.fromEntries(exact.map(({ pattern, target }) => [pattern, target])),
      patterns: patterns.map(({ pattern, target }) => ({ pattern, target })),
    });
  });
  const saveAlias = async (c: AdminContext) => {
    const saved: Alias = aliases.save(await jsonBody(c), c.get("actor"));
    return c.json({ success: true, model: saved.target, alias: saved.pattern });
  };
  app.on(["PUT", "PATCH", "POST"], "/api/models/alias", saveAlias);
  app.on(["PUT", "PATCH"], "/api/models", saveAlias);
  app.delete("/api/models/alias", (c) => {
    const alias = c.req.query("alias");
    if (!alias) throw badRequest("Name the alias: `?alias=…`.", "alias");
    aliases.remove(alias, c.get("actor"));
    return c.json({ success: true });
  });

  app.get("/api/fallback/chains", (c) => {
    const { chains: all, byModel } = chains.list();
    return c.json({
      chains: all.map(shownChain),
      ...Object.fromEntries(byModel.map(({ model, chain }) => [model, chain])),
    });
  });
  app.on(["POST", "PUT", "PATCH"], "/api/fallback/chains", async (c) => {
    const saved = chains.save(await jsonBody(c), c.get("actor"));
    return c.json({ success: true, ...("chain" in saved ? saved : { chain: shownChain(saved) }) });
  });
  app.delete("/api/fallback/chains", async (c) => {
    const input = { ...c.req.query(), ...(await jsonBody(c)) };
    return c.json({ success: true, removed: chains.remove(input, c.get("actor")) });
  });

  app.get("/api/settings/combo-defaults", (c) => c.json(comboDefaults.view()));
  app.on(["PUT", "PATCH"], "/api/settings/combo-defaults", async (c) => {
    const body = await jsonBody(c);
    const changed = comboDefaults.change(body, c.get("actor"));
    return c.json(changed, 200, ignoredFields(body, ["comboDefaults", "providerOverrides"]));
  });

  app.get("/api/combos/metrics", (c) => {
    const metrics = engine.comboMetrics.read(c.req.query("combo"));
    return c.json({
      metrics: Object.fromEntries(
        Object.entries(metrics).map(([name, { lastUsedAt, ...rest }]) => [
          name,
          { ...rest, lastUsedAt: isoTime(lastUsedAt) },
        ]),
      ),
    });
  });
  app.delete("/api/combos/metrics", (c) => {
    const name = c.req.query("combo");
    engine.comboMetrics.clear(name);
    const message =
      name === undefined ? "The numbers of all combos are cleared." : `The numbers of ${name} are cleared.`;
    return c.json({ success: true, message });
  });
}

const shownChain = ({ createdAt, updatedAt, ...chain }: FallbackChain) => ({
  ...chain,
  createdAt: isoTime(createdAt),
  updatedAt: isoTime(updatedAt),
});
