import { z } from "zod";
import { type Combo, comboConfig, comboInput } from "../core/combo.ts";
import { COMBO_STRATEGIES } from "../core/strategy-names.ts";
import { GatewayError } from "../core/errors.ts";
import type { Engine } from "../engine.ts";
import { rehearsalInput } from "../engine/rehearsal-input.ts";
import { tryTargets } from "../relay/index.ts";
import { isoTime } from "./http.ts";
import type { RouteTable } from "./route-table.ts";
import { flag, partOf, partQuery, success, time } from "./shapes.ts";

/** Named lists of models. */
export function comboRoutes(table: RouteTable, engine: Engine): void {
  const { combos } = engine.manage;

  table.add(
    {
      method: "GET",
      path: "/api/combos",
      role: "reader",
      summary: "All combos, and the ready-made one.",
      query: partQuery,
      answer: () => z.object({ combos: z.array(comboShape()), readyMade: z.array(comboShape()) }),
    },
    (_c, { query }) => {
      const { auto } = engine.catalogue;
      const own = combos.list();
      const readyMade = auto && !own.some(({ name }) => name === auto.name) ? [shown(auto)] : [];
      return { combos: partOf(own, query).map(shown), readyMade };
    },
  );

  table.add(
    {
      method: "POST",
      path: "/api/combos",
      role: "admin",
      summary: "Makes a combo. Its models may be models, aliases or other combos.",
      body: () => comboInput,
      answer: comboShape,
      status: 201,
    },
    (c, { raw }) => shown(combos.create(raw as Parameters<typeof combos.create>[0], c.get("actor"))),
  );

  table.add(
    {
      method: "POST",
      path: "/api/combos/test",
      role: "admin",
      summary: "Asks every model of a combo one short question, side by side. This may cost something.",
      body: () => z.object({ comboName: z.string().min(1).max(256) }),
      answer: () =>
        z.object({
          comboName: z.string(),
          strategy: z.string(),
          resolvedBy: z.string().nullable(),
          results: z.array(
            z.object({
              model: z.string(),
              status: z.enum(["ok", "error"]),
              statusCode: z.number(),
              error: z.string().nullable(),
              latencyMs: z.number(),
            }),
          ),
          testedAt: time(),
        }),
    },
    async (c, { body: { comboName } }) => {
      c.env.unlimited();
      const { auto } = engine.catalogue;
      const all = [...combos.list(), ...(auto ? [auto] : [])];
      const combo = all.find(({ name }) => name === comboName);
      if (!combo) throw new GatewayError("not_found", `There is no combo \`${comboName}\`.`);
      const results = await tryTargets(
        engine.relayDeps,
        combo.models.map(({ model }) => model),
        c.req.raw.signal,
      );
      return {
        comboName,
        strategy: combo.strategy,
        resolvedBy: results.find(({ status }) => status === "ok")?.model ?? null,
        results,
        testedAt: isoTime(engine.clock.now()),
      };
    },
  );

  table.add(
    {
      method: "POST",
      path: "/api/combos/:id/rehearse",
      role: "admin",
      summary: "Plays a combo through with faults in the way; nobody outside is asked.",
      body: () => rehearsalInput,
      answer: () =>
        z.object({
          combo: z.string(),
          strategy: z.string(),
          requests: z.array(
            z.looseObject({
              at_ms: z.number(),
              path: z.array(z.object({ model: z.string(), connection: z.string(), outcome: z.string() })),
              answered: z.string().nullable(),
              status: z.number(),
            }),
          ),
        }),
    },
    (c, { raw }) => engine.rehearse(c.req.param("id"), raw as Parameters<typeof engine.rehearse>[1]),
  );

  table.add(
    {
      method: "GET",
      path: "/api/combos/:id",
      role: "reader",
      summary: "One combo.",
      answer: comboShape,
    },
    (c) => shown(combos.find(c.req.param("id"))),
  );

  table.add(
    {
      method: "PUT",
      path: "/api/combos/:id",
      role: "admin",
      summary: "Changes what the body names of a combo.",
      body: () => comboInput.partial(),
      answer: comboShape,
    },
    (c, { raw }) => shown(combos.update(c.req.param("id"), raw, c.get("actor"))),
  );

  table.add(
    {
      method: "DELETE",
      path: "/api/combos/:id",
      role: "admin",
      summary: "Removes a combo; one that others lead to only with `force`.",
      query: () => z.object({ force: flag() }),
      answer: success,
    },
    (c, { query: { force } }) => {
      combos.remove(c.req.param("id"), force, c.get("actor"));
      return { success: true };
    },
  );
}

const comboShape = () =>
  z.object({
    id: z.string(),
    name: z.string(),
    models: z.array(
      z.object({
        model: z.string(),
        weight: z.number().optional(),
        connectionId: z.string().optional(),
      }),
    ),
    strategy: z.enum(COMBO_STRATEGIES),
    config: comboConfig,
    isActive: z.boolean(),
    createdAt: time(),
    updatedAt: time(),
  });

const shown = (combo: Combo) => ({
  ...combo,
  createdAt: isoTime(combo.createdAt),
  updatedAt: isoTime(combo.updatedAt),
});
