import type { Hono } from "hono";
import { z } from "zod";
import type { Combo, ComboInput } from "../core/combo.ts";
import { badRequest } from "../core/errors.ts";
import type { Engine, RehearsalInput } from "../engine.ts";
import { parseInput } from "../manage/index.ts";
import { tryTargets } from "../relay/index.ts";
import { type AdminEnv, isoTime, jsonBody } from "./http.ts";

/** Named lists of models. */
export function comboRoutes(app: Hono<AdminEnv>, engine: Engine): void {
  const { combos } = engine.manage;

  app.get("/api/combos", (c) => {
    const { auto } = engine.catalogue;
    const own = combos.list();
    const readyMade = auto && !own.some(({ name }) => name === auto.name) ? [shown(auto)] : [];
    return c.json({ combos: own.map(shown), readyMade });
  });
  app.post("/api/combos", async (c) =>
    c.json(shown(combos.create((await jsonBody(c)) as ComboInput, c.get("actor"))), 201),
  );

  app.post("/api/combos/test", async (c) => {
    c.env.unlimited();
    const { comboName } = parseInput(z.object({ comboName: z.string().min(1).max(256) }), await jsonBody(c));
    const { auto } = engine.catalogue;
    const all = [...combos.list(), ...(auto ? [auto] : [])];
    const combo = all.find(({ name }) => name === comboName);
    if (!combo) throw badRequest(`There is no combo \`${comboName}\`.`, "comboName");
    const results = await tryTargets(
      engine.relayDeps,
      combo.models.map(({ model }) => model),
      c.req.raw.signal,
    );
    return c.json({
      comboName,
      strategy: combo.strategy,
      resolvedBy: results.find(({ status }) => status === "ok")?.model ?? null,
      results,
      testedAt: isoTime(engine.clock.now()),
    });
  });

  app.post("/api/combos/:id/rehearse", async (c) => {
    const input = (await jsonBody(c)) as RehearsalInput;
    return c.json(await engine.rehearse(c.req.param("id"), input));
  });

  app.get("/api/combos/:id", (c) => c.json(shown(combos.find(c.req.param("id")))));
  app.on(["PUT", "PATCH"], "/api/combos/:id", async (c) =>
    c.json(shown(combos.update(c.req.param("id"), await jsonBody(c), c.get("actor")))),
  );
  app.delete("/api/combos/:id", (c) => {
    combos.remove(c.req.param("id"), c.req.query("force") === "true", c.get("actor"));
    return c.json({ success: true });
  });
}

const shown = (combo: Combo) => ({
  ...combo,
  createdAt: isoTime(combo.createdAt),
  updatedAt: isoTime(combo.updatedAt),
});
