import type { Hono } from "hono";
import { z } from "zod";
import { type ApiKey, keyInput } from "../core/domain.ts";
import type { Engine } from "../engine.ts";
import { addAudit } from "../store/index.ts";
import { parseInput } from "../manage/index.ts";
import { type AdminContext, type AdminEnv, isoTime, jsonBody } from "./http.ts";

const MAX_GRACE_SECONDS = 604_800;

/** Keys that clients show. The key itself is told once, when it is made. */
export function keyRoutes(app: Hono<AdminEnv>, engine: Engine): void {
  const { access } = engine;
  const note = (c: AdminContext, action: string, id: string, name: string) =>
    addAudit(engine.store, {
      action,
      actor: c.get("actor").name,
      ip: c.env.peer,
      target: id,
      result: "ok",
      details: { name },
    });

  app.get("/api/keys", (c) => c.json({ keys: access.listKeys().map(shown) }));

  app.post("/api/keys", async (c) => {
    const { key, record } = access.createKey(parseInput(keyInput, await jsonBody(c)));
    note(c, "key.create", record.id, record.name);
    return c.json({ key, id: record.id, name: record.name, machineId: null, noLog: record.noLog }, 201);
  });

  app.patch("/api/keys/:id", async (c) => {
    const record = access.updateKey(c.req.param("id"), parseInput(keyInput.partial(), await jsonBody(c)));
    note(c, "key.update", record.id, record.name);
    return c.json({ key: shown(record) });
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

function shown(key: ApiKey) {
  return {
    id: key.id,
    name: key.name,
    key: key.masked,
    machineId: null,
    noLog: key.noLog,
    scopes: key.scopes,
    expiresAt: isoTime(key.expiresAt),
    revokedAt: isoTime(key.revokedAt),
    lastUsedAt: isoTime(key.lastUsedAt),
    createdAt: isoTime(key.createdAt),
  };
}
