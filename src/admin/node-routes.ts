import type { Hono } from "hono";
import { z } from "zod";
import { testNode } from "../accounts/index.ts";
import { type NodeInput, nodeInput, type ProviderNode } from "../core/node.ts";
import type { Engine } from "../engine.ts";
import { parseInput } from "../manage/index.ts";
import { checkBaseUrl } from "../net/index.ts";
import { type AdminEnv, isoTime, jsonBody } from "./http.ts";

/** The user's own endpoints. */
export function nodeRoutes(app: Hono<AdminEnv>, engine: Engine): void {
  const { nodes } = engine.manage;

  app.get("/api/provider-nodes", (c) => c.json({ nodes: nodes.list().map(shown) }));

  app.post("/api/provider-nodes", async (c) => {
    const node = nodes.create((await jsonBody(c)) as NodeInput, c.get("actor"));
    return c.json({ node: shown(node) }, 201);
  });

  app.post("/api/provider-nodes/validate", async (c) => {
    c.env.unlimited();
    const shape = nodeInput
      .pick({ baseUrl: true, type: true, apiType: true })
      .extend({ apiKey: z.string().max(10_000).optional(), model: z.string().max(256).optional() });
    const { apiKey, model, ...node } = parseInput(shape, await jsonBody(c));
    checkBaseUrl(node.baseUrl, engine.addressPolicy());
    const result = await testNode({
      node,
      outbound: engine.outbound,
      clock: engine.clock,
      signal: c.req.raw.signal,
      ...(apiKey && { apiKey }),
      ...(model && { defaultModel: model }),
    });
    return c.json({
      valid: result.valid,
      error: result.error ?? null,
      probed: result.probed,
      ...(result.repairedBaseUrl !== undefined && { repairedBaseUrl: result.repairedBaseUrl }),
    });
  });

  app.on(["PUT", "PATCH"], "/api/provider-nodes/:id", async (c) =>
    c.json({ node: shown(nodes.update(c.req.param("id"), await jsonBody(c), c.get("actor"))) }),
  );

  app.delete("/api/provider-nodes/:id", (c) => {
    nodes.remove(c.req.param("id"), c.req.query("force") === "true", c.get("actor"));
    return c.json({ success: true });
  });
}

const shown = (node: ProviderNode) => ({
  ...node,
  createdAt: isoTime(node.createdAt),
  updatedAt: isoTime(node.updatedAt),
});
