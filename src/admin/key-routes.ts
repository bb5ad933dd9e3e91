import type { Hono } from "hono";
import { z } from "zod";
import { type ApiKey, keyInput } from "../core/key.ts";
import type { Engine } from "../engine.ts";
import { addAudit } from "../store/index.ts";
import { parseInput } from "../manage/index.ts";
import { type AdminContext, type AdminEnv, ignoredFields, isoTime, jsonBody } from "./http.ts";

const MAX_GRACE_SECONDS = 604_800;

/** Keys that clients show. The key itself is told once, when it is made. */
export function keyRoutes(app: Hono<AdminEnv>, engine: Engine): void {
  const { access } = engine;
  const note = (c: AdminContext, action: string, id: string, name: string, more: object = {}) =>
    addAudit(engine.store, {
      action,
      actor: c.get("actor").name,
      ip: c.env.peer,
      target: id,
      result: "ok",
      details: { name, ...more },
    });

  app.get("/api/keys", (c) => c.json({ keys: access.listKeys().map(shown) }));

  app.post("/api/keys", async (c) => {
    const body = await jsonBody(c);
    const { key, record } = access.createKey(parseInput(keyInput, body));
    note(c, "key.create", record.id, record.name, { to: rulesOf(record) });
    return c.json(
      { key, id: record.id, name: record.name, machineId: null, noLog: record.noLog },
      201,
      ignoredFields(body, KEY_FIELDS),
    );
  });

  app.on(["PUT", "PATCH"], "/api/keys/:id", async (c) => {
    const body = await jsonBody(c);
    const before = access.listKeys().find(({ id }) => id === c.req.param("id"));
    const record = access.updateKey(c.req.param("id"), parseInput(keyPatch, body));
    note(c, "key.update", record.id, record.name, { from: before && rulesOf(before), to: rulesOf(record) });
    return c.json({ key: shown(record) }, 200, ignoredFields(body, KEY_FIELDS));
  });

  app.delete("/api/keys/:id", (c) => {
    const record = access.revokeKey(c.req.param("id"));
    note(c, "key.revoke", record.id, record.name);
    return c.json({ message: `The key ${record.name} is revoked.` });
  });

  app.post("/api/keys/:id/rotate", async (c) => {
    const shape = z.object({
      graceSeconds: z.coerce.number().int().min(0).max(MAX_GRACE_SECONDS).default(0),
    });
    const { key, record } = access.rotateKey(
      c.req.param("id"),
      parseInput(shape, await jsonBody(c)).graceSeconds,
    );
    note(c, "key.rotate", record.id, record.name);
    return c.json({ key, id: record.id, name: record.name, machineId: null, noLog: record.noLog }, 201);
  });
}

const KEY_FIELDS = Object.keys(keyInput.shape);
const keyPatch = keyInput
  .extend({ scopes: keyInput.shape.scopes.unwrap(), noLog: keyInput.shape.noLog.unwrap() })
  .partial();

/** What the history tells of a key: nothing that opens a door. */
function rulesOf(key: ApiKey): object {
  const { id: _id, hash: _hash, masked: _masked, former: _former, lastUsedAt: _used, ...rules } = key;
  return rules;
}

function shown(key: ApiKey) {
  return {
    id: key.id,
    name: key.name,
    key: key.masked,
    machineId: null,
    noLog: key.noLog,
    scopes: key.scopes,
    allowedModels: key.allowedModels ?? [],
    allowedCombos: key.allowedCombos ?? [],
    allowedProviders: key.allowedProviders ?? [],
    allowedConnections: key.allowedConnections ?? [],
    allowedEndpoints: key.allowedEndpoints ?? [],
    limits: {
      requestsPerMinute: key.limits?.requestsPerMinute ?? null,
      requestsPerDay: key.limits?.requestsPerDay ?? null,
      tokensPerMinute: key.limits?.tokensPerMinute ?? null,
      maxConcurrent: key.limits?.maxConcurrent ?? null,
    },
    budget: key.budget ?? null,
    expiresAt: isoTime(key.expiresAt),
    revokedAt: isoTime(key.revokedAt),
    lastUsedAt: isoTime(key.lastUsedAt),
    createdAt: isoTime(key.createdAt),
  };
}
