import { z } from "zod";
import { GatewayError } from "../core/errors.ts";
import { PROMPT_CHANGES, type PromptBreak } from "../core/prompt-break.ts";
import type { Engine } from "../engine.ts";
import { isoTime } from "./http.ts";
import type { RouteTable } from "./route-table.ts";
import { queryText, success, time } from "./shapes.ts";

const clearQuery = z.object({
  /** Without one: the answers. */
  scope: z.enum(["cache", "idempotency", "signatures"]).optional(),
  /** Only what belongs to this API key. */
  keyId: queryText(),
});
const answerQuery = z.object({
  hash: z.string().regex(/^[0-9a-f]{64}$/, "as `GET` on this address tells it"),
});

/** What is remembered between calls: how much it helped, and taking it away. */
export function cacheRoutes(table: RouteTable, engine: Engine): void {
  const { promptCache } = engine.caches;
  const overview = () => ({
    semanticCache: engine.caches.answers.stats(),
    promptCache: {
      ...promptCache.stats(),
      diffs: engine.settings().promptDiffs,
      wordBytes: promptCache.wordBytes,
    },
    idempotency: {
      activeKeys: engine.caches.idempotency.activeKeys,
      windowMs: engine.settings().idempotencyWindowMs,
      replays: engine.caches.idempotency.replays,
    },
    signatures: {
      entries: engine.caches.proofs.size,
      hits: engine.caches.proofs.hits,
      misses: engine.caches.proofs.misses,
    },
  });
  for (const path of ["/api/cache", "/api/cache/stats"] as const)
    table.add(
      {
        method: "GET",
        path,
        role: "reader",
        summary: "Entries and hits of all caches, and what they saved.",
        answer: () =>
          z.object({
            semanticCache: z.looseObject({ hits: z.number(), misses: z.number(), tokensSaved: z.number() }),
            promptCache: z.looseObject({
              totalRequests: z.number(),
              requestsWithCacheControl: z.number(),
              totalInputTokens: z.number(),
              totalCachedTokens: z.number(),
              totalCacheCreationTokens: z.number(),
              hitRate: z.number(),
              costSaved: z.number(),
              diffs: z.boolean(),
              wordBytes: z.number(),
            }),
            idempotency: z.object({ activeKeys: z.number(), windowMs: z.number(), replays: z.number() }),
            signatures: z.object({ entries: z.number(), hits: z.number(), misses: z.number() }),
          }),
      },
      overview,
    );

  table.add(
    {
      method: "DELETE",
      path: "/api/cache",
      role: "admin",
      summary: "Forgets kept answers, all or one API key's.",
      query: () => clearQuery,
      answer: () => z.object({ ok: z.boolean(), cleared: z.number() }),
    },
    (c, { query }) => ({ ok: true, cleared: engine.caches.clear(query, c.get("actor")) }),
  );

  table.add(
    {
      method: "GET",
      path: "/api/cache/breaks",
      role: "reader",
      summary: "Where conversations stopped fitting a provider's prompt cache, and who changed them.",
      query: () => z.object({ limit: z.coerce.number().int().min(1).max(500).default(100) }),
      answer: () =>
        z.object({
          breaks: z.array(breakShape().extend({ hasDiff: z.boolean() })),
        }),
    },
    (_c, { query }) => ({
      breaks: promptCache
        .breaks(query.limit)
        .map((one) => ({ ...toldBreak(one), hasDiff: promptCache.diffOf(one.requestId) !== undefined })),
    }),
  );

  table.add(
    {
      method: "GET",
      path: "/api/cache/breaks/:requestId",
      role: "admin",
      summary: "What broke one call's prompt, byte for byte where the setting `promptDiffs` was on.",
      answer: () => breakShape().extend({ diff: diffShape().nullable() }),
    },
    (c) => {
      const requestId = c.req.param("requestId");
      const broke = promptCache.breakOf(requestId);
      if (!broke) throw new GatewayError("not_found", "No break of a prompt cache is known of this request.");
      return { ...toldBreak(broke), diff: promptCache.diffOf(requestId) ?? null };
    },
  );

  table.add(
    {
      method: "GET",
      path: "/api/cache/similar",
      role: "reader",
      summary: "Answers that were reused for similar questions, both questions side by side.",
      answer: () =>
        z.object({
          similar: z.array(
            z.object({
              id: z.string(),
              at: time(),
              requestId: z.string(),
              hash: z.string(),
              model: z.string(),
              similarity: z.number(),
              asked: z.string(),
              answered: z.string(),
            }),
          ),
        }),
    },
    () => ({
      similar: engine.caches.similarHits.list().map(({ at, ...hit }) => ({ ...hit, at: isoTime(at) })),
    }),
  );

  table.add(
    {
      method: "DELETE",
      path: "/api/cache/similar",
      role: "admin",
      summary: "Forgets an answer that was reused where it did not fit.",
      query: () => answerQuery,
      answer: success,
    },
    (c, { query }) => {
      if (!engine.caches.remove(query.hash, c.get("actor")))
        throw new GatewayError("not_found", "There is no such answer, or it is no longer kept.");
      return { success: true as const };
    },
  );
}

const toldBreak = ({ at, ...broke }: PromptBreak) => ({ ...broke, at: isoTime(at) });

const breakShape = () =>
  z.object({
    requestId: z.string(),
    at: time(),
    session: z.string(),
    model: z.string(),
    provider: z.string(),
    element: z.string(),
    offset: z.number(),
    keptBytes: z.number(),
    changedBy: z.enum(["client", "gateway", "routing"]),
    cacheRead: z.number(),
  });

const bytesShape = () => z.object({ text: z.string(), bytes: z.number(), leftOut: z.number() });

const diffShape = () =>
  z.object({
    change: z.enum(PROMPT_CHANGES),
    offset: z.number(),
    bytesBefore: z.number(),
    bytesAfter: z.number(),
    hunks: z.array(
      z.object({
        element: z.string(),
        offset: z.number(),
        at: z.number(),
        removed: bytesShape(),
        added: bytesShape(),
        lead: z.string(),
        tail: z.string(),
      }),
    ),
    hunksLeftOut: z.number(),
  });
