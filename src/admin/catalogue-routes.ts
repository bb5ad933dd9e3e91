import type { Hono } from "hono";
import type { Engine } from "../engine.ts";
import { type AdminEnv, jsonBody } from "./http.ts";

const CATALOGUE_LIMIT_BYTES = 32 * 1024 * 1024;

/** The facts on providers and models: where they come from, and newer ones in their place. */
export function catalogueRoutes(app: Hono<AdminEnv>, engine: Engine): void {
  const { catalogue } = engine.manage;

  app.get("/api/catalogue", (c) => c.json(catalogue.view()));

  /** `{url}` of a catalogue, or the catalogue itself. */
  app.on(["POST", "PUT"], "/api/catalogue", async (c) => {
    c.env.unlimited();
    const body = await jsonBody(c, CATALOGUE_LIMIT_BYTES);
    return c.json(await catalogue.load(body, c.get("actor"), c.req.raw.signal));
  });

  app.post("/api/catalogue/reload", (c) => c.json(catalogue.reload(c.get("actor"))));
  app.delete("/api/catalogue", (c) => c.json(catalogue.reset(c.get("actor"))));
}
