import { z } from "zod";
import { chainInput, type FallbackChain, modelChainInput } from "../core/chain.ts";
import { comboConfig } from "../core/combo.ts";
import { comboDefaultsShape } from "../core/settings.ts";
import { badRequest } from "../core/errors.ts";
import type { Engine } from "../engine.ts";
import { aliasInput, chainToDrop, comboDefaultsPatch } from "../manage/index.ts";
import { isoTime } from "./http.ts";
import type { RouteTable } from "./route-table.ts";
import { queryText, success, time, yes } from "./shapes.ts";

/** Names that stand for others: aliases, fallback chains; and what combos take when they say nothing. */
export function routingRoutes(table: RouteTable, engine: Engine): void {
  aliasRoutes(table, engine);
  chainRoutes(table, engine);
  const { comboDefaults } = engine.manage;

  table.add(
    {
      method: "GET",
      path: "/api/settings/combo-defaults",
      role: "reader",
      summary: "What holds for combos that say nothing themselves.",
      answer: comboDefaultsAnswer,
    },
    () => comboDefaults.view(),
  );

  table.add(
    {
      method: "PATCH",
      path: "/api/settings/combo-defaults",
      role: "admin",
      summary: "Changes what combos take when they say nothing, also for the targets of one provider.",
      body: () => comboDefaultsPatch,
      answer: comboDefaultsAnswer,
    },
    (c, { raw }) => comboDefaults.change(raw, c.get("actor")),
  );

  table.add(
    {
      method: "GET",
      path: "/api/combos/metrics",
      role: "reader",
      summary: "How combos and their models did since the numbers were last cleared.",
      query: () => z.object({ combo: queryText() }),
      answer: () => z.object({ metrics: z.record(z.string(), metricsShape()) }),
    },
    (_c, { query: { combo } }) => ({
      metrics: Object.fromEntries(
        Object.entries(engine.comboMetrics.read(combo)).map(([name, { lastUsedAt, ...rest }]) => [
          name,
          { ...rest, lastUsedAt: isoTime(lastUsedAt) },
        ]),
      ),
    }),
  );

  table.add(
    {
      method: "DELETE",
      path: "/api/combos/metrics",
      role: "admin",
      summary: "Begins the numbers of one combo, or of all, anew.",
      query: () => z.object({ combo: queryText() }),
      answer: () => z.object({ success: yes(), message: z.string() }),
    },
    (_c, { query: { combo } }) => {
      engine.comboMetrics.clear(combo);
      const message =
        combo === undefined
          ? "The numbers of all combos are cleared."
          : `The numbers of ${combo} are cleared.`;
      return { success: true, message };
    },
  );
}

function aliasRoutes(table: RouteTable, engine: Engine): void {
  const { aliases } = engine.manage;

  table.add(
    {
      method: "GET",
      path: "/api/models/alias",
      role: "reader",
      summary: "Names that stand for models, and patterns.",
      answer: () =>
        z.object({
          aliases: z.record(z.string(), z.string()),
          patterns: z.array(z.object({ pattern: z.string(), target: z.string() })),
        }),
    },
    () => {
      const { exact, patterns } = aliases.list();
      return {
        aliases: Object.fromEntries(exact.map(({ pattern, target }) => [pattern, target])),
        patterns: patterns.map(({ pattern, target }) => ({ pattern, target })),
      };
    },
  );

  for (const [path, method] of [
    ["/api/models/alias", ["PUT", "POST"]],
    ["/api/models", ["PUT"]],
  ] as const) {
    table.add(
      {
        method,
        path,
        role: "admin",
        summary: "Lets a name or a pattern stand for a model, a combo or another name.",
        body: () => aliasInput,
        answer: () => z.object({ success: yes(), model: z.string(), alias: z.string() }),
      },
      (c, { raw }) => {
        const { target, pattern } = aliases.save(raw, c.get("actor"));
        return { success: true, model: target, alias: pattern };
      },
    );
  }

  table.add(
    {
      method: "DELETE",
      path: "/api/models/alias",
      role: "admin",
      summary: "Takes an alias or a pattern away.",
      query: () => z.object({ alias: queryText() }),
      answer: success,
    },
    (c, { query: { alias } }) => {
      if (!alias) throw badRequest("Name the alias: `?alias=…`.", "alias");
      aliases.remove(alias, c.get("actor"));
      return { success: true };
    },
  );
}

function chainRoutes(table: RouteTable, engine: Engine): void {
  const { chains } = engine.manage;

  table.add(
    {
      method: "GET",
      path: "/api/fallback/chains",
      role: "reader",
      summary: "What follows when the plan of a request is spent: for all requests, and by model.",
      answer: () => z.looseObject({ chains: z.array(chainShape()) }),
    },
    () => {
      const { chains: all, byModel } = chains.list();
      return {
        ...Object.fromEntries(byModel.map(({ model, chain }) => [model, chain])),
        chains: all.map(shownChain),
      };
    },
  );

  table.add(
    {
      method: ["POST", "PUT"],
      path: "/api/fallback/chains",
      role: "admin",
      summary: "Saves a chain by its name, or the providers of one model.",
      body: () => z.union([chainInput, modelChainInput]),
      answer: () =>
        z.union([
          z.object({ success: yes(), chain: chainShape() }),
          modelChainInput.extend({ success: yes() }),
        ]),
    },
    (c, { raw }) => {
      const saved = chains.save(raw, c.get("actor"));
      return "chain" in saved ? { success: true, ...saved } : { success: true, chain: shownChain(saved) };
    },
  );

  table.add(
    {
      method: "DELETE",
      path: "/api/fallback/chains",
      role: "admin",
      summary: "Removes a chain by its name, or a model's by the model; named in the body or the address.",
      query: () => chainToDrop,
      body: () => chainToDrop,
      answer: () => z.object({ success: yes(), removed: z.boolean() }),
    },
    (c, { query, body }) => ({
      success: true,
      removed: chains.remove({ ...query, ...body }, c.get("actor")),
    }),
  );
}

const chainShape = () => chainInput.extend({ createdAt: time(), updatedAt: time() });

const comboDefaultsAnswer = () =>
  z.object({
    comboDefaults: comboDefaultsShape,
    providerOverrides: z.record(z.string(), comboConfig),
  });

const metricsShape = () =>
  z.object({
    totalRequests: z.number(),
    totalSuccesses: z.number(),
    totalFailures: z.number(),
    avgLatencyMs: z.number(),
    byModel: z.record(
      z.string(),
      z.object({
        requests: z.number(),
        successes: z.number(),
        failures: z.number(),
        avgLatencyMs: z.number(),
      }),
    ),
    lastUsedAt: time(),
  });

const shownChain = ({ createdAt, updatedAt, ...chain }: FallbackChain) => ({
  ...chain,
  createdAt: isoTime(createdAt),
  updatedAt: isoTime(updatedAt),
});
