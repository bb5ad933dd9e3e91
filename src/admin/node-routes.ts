import { z } from "zod";
import { type NodeInput, nodeInput, type ProviderNode } from "../core/node.ts";
import type { Engine } from "../engine.ts";
import { type NodeCheck, nodeCheck } from "../manage/index.ts";
import { isoTime } from "./http.ts";
import type { RouteTable } from "./route-table.ts";
import { flag, partOf, partQuery, success, time } from "./shapes.ts";

/** The user's own endpoints. */
export function nodeRoutes(table: RouteTable, engine: Engine): void {
  const { nodes } = engine.manage;

  table.add(
    {
      method: "GET",
      path: "/api/provider-nodes",
      role: "reader",
      summary: "Your own endpoints.",
      query: partQuery,
      answer: () => z.object({ nodes: z.array(nodeShape()) }),
    },
    (_c, { query }) => ({ nodes: partOf(nodes.list(), query).map(shown) }),
  );

  table.add(
    {
      method: "POST",
      path: "/api/provider-nodes",
      role: "admin",
      summary: "Adds an endpoint that speaks OpenAI's or Anthropic's format.",
      body: () => nodeInput,
      answer: () => z.object({ node: nodeShape() }),
      status: 201,
    },
    (c, { raw }) => ({ node: shown(nodes.create(raw as NodeInput, c.get("actor"))) }),
  );

  table.add(
    {
      method: "POST",
      path: "/api/provider-nodes/validate",
      role: "admin",
      summary: "Asks an endpoint for its models, or for one token; nothing is saved.",
      body: () => nodeCheck,
      answer: () =>
        z.object({
          valid: z.boolean(),
          error: z.string().nullable(),
          probed: z.enum(["models", "key", "chat", "embeddings", "none"]),
          repairedBaseUrl: z.string().optional(),
        }),
    },
    async (c, { raw }) => {
      c.env.unlimited();
      const result = await nodes.check(raw as NodeCheck, c.req.raw.signal);
      return {
        valid: result.valid,
        error: result.error ?? null,
        probed: result.probed,
        ...(result.repairedBaseUrl !== undefined && { repairedBaseUrl: result.repairedBaseUrl }),
      };
    },
  );

  table.add(
    {
      method: "PUT",
      path: "/api/provider-nodes/:id",
      role: "admin",
      summary: "Changes what the body names of an endpoint; its type stays.",
      body: () => nodeInput.omit({ type: true, apiType: true }).partial(),
      answer: () => z.object({ node: nodeShape() }),
    },
    (c, { raw }) => ({ node: shown(nodes.update(c.req.param("id"), raw, c.get("actor"))) }),
  );

  table.add(
    {
      method: "DELETE",
      path: "/api/provider-nodes/:id",
      role: "admin",
      summary: "Removes an endpoint; with connections only with `force`, and they go with it.",
      query: () => z.object({ force: flag() }),
      answer: success,
    },
    (c, { query: { force } }) => {
      nodes.remove(c.req.param("id"), force, c.get("actor"));
      return { success: true };
    },
  );
}

const nodeShape = () =>
  z.object({
    id: z.string(),
    name: z.string(),
    prefix: z.string(),
    type: z.enum(["openai-compatible", "anthropic-compatible"]),
    apiType: z.enum(["chat", "responses"]),
    baseUrl: z.string(),
    chatPath: z.string().optional(),
    modelsPath: z.string().optional(),
    createdAt: time(),
    updatedAt: time(),
  });

const shown = (node: ProviderNode) => ({
  ...node,
  createdAt: isoTime(node.createdAt),
  updatedAt: isoTime(node.updatedAt),
});
