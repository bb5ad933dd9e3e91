import { z } from "zod";
import { type ApiKey, KEY_SCOPES, keyInput } from "../core/key.ts";
import type { Engine } from "../engine.ts";
import { addAudit } from "../store/index.ts";
import { type AdminContext, isoTime } from "./http.ts";
import { rulesShape, shownRules } from "./key-shapes.ts";
import type { RouteTable } from "./route-table.ts";
import { message, partOf, partQuery, time } from "./shapes.ts";

const MAX_GRACE_SECONDS = 604_800;

/** Keys that clients show. The key itself is told once, when it is made. */
export function keyRoutes(table: RouteTable, engine: Engine): void {
  const { access } = engine;
  const groupNames = () => new Map(access.groups.list().map(({ id, name }) => [id, name]));
  const note = (c: AdminContext, action: string, id: string, name: string, more: object = {}) =>
    addAudit(engine.store, {
      action,
      actor: c.get("actor").name,
      ip: c.env.peer,
      target: id,
      result: "ok",
      details: { name, ...more },
    });

  table.add(
    {
      method: "GET",
      path: "/api/keys",
      role: "reader",
      summary: "All API keys, revoked ones too, with their rules and without their text.",
      query: partQuery,
      answer: () => z.object({ keys: z.array(keyShape()) }),
    },
    (_c, { query }) => {
      const groups = groupNames();
      return { keys: partOf(access.listKeys(), query).map((key) => shown(key, groups)) };
    },
  );

  table.add(
    {
      method: "POST",
      path: "/api/keys",
      role: "admin",
      summary: "Makes a key. Its text is told here and never again.",
      body: () => keyInput,
      answer: newKeyShape,
      status: 201,
    },
    (c, { body }) => {
      const { key, record } = access.createKey(body);
      note(c, "key.create", record.id, record.name, { to: rulesOf(record) });
      return { key, id: record.id, name: record.name, machineId: null, noLog: record.noLog };
    },
  );

  table.add(
    {
      method: "PATCH",
      path: "/api/keys/:id",
      role: "admin",
      summary: "Changes what the body names; it holds from the next call on.",
      body: keyPatch,
      answer: () => z.object({ key: keyShape() }),
    },
    (c, { body }) => {
      const before = access.listKeys().find(({ id }) => id === c.req.param("id"));
      const from = before && rulesOf(before);
      const record = access.updateKey(c.req.param("id"), body);
      note(c, "key.update", record.id, record.name, { from, to: rulesOf(record) });
      return { key: shown(record, groupNames()) };
    },
  );

  table.add(
    {
      method: "DELETE",
      path: "/api/keys/:id",
      role: "admin",
      summary: "Revokes a key at once. It stays in the list, and in what was counted.",
      answer: message,
    },
    (c) => {
      const record = access.revokeKey(c.req.param("id"));
      note(c, "key.revoke", record.id, record.name);
      return { message: `The key ${record.name} is revoked.` };
    },
  );

  table.add(
    {
      method: "POST",
      path: "/api/keys/:id/rotate",
      role: "admin",
      summary: "Gives a key a new text; the old one works on for the grace time.",
      body: () =>
        z.object({ graceSeconds: z.coerce.number().int().min(0).max(MAX_GRACE_SECONDS).default(0) }),
      answer: newKeyShape,
      status: 201,
    },
    (c, { body }) => {
      const { key, record } = access.rotateKey(c.req.param("id"), body.graceSeconds);
      note(c, "key.rotate", record.id, record.name, { graceSeconds: body.graceSeconds });
      return { key, id: record.id, name: record.name, machineId: null, noLog: record.noLog };
    },
  );
}

/** A partial key must not bring the defaults of a new one with it. */
const keyPatch = () =>
  keyInput.extend({ scopes: keyInput.shape.scopes.unwrap(), noLog: keyInput.shape.noLog.unwrap() }).partial();

const newKeyShape = () =>
  z.object({
    key: z.string(),
    id: z.string(),
    name: z.string(),
    machineId: z.null(),
    noLog: z.boolean(),
  });

const keyShape = () =>
  z.object({
    id: z.string(),
    name: z.string(),
    key: z.string().describe("Its beginning and end"),
    machineId: z.null(),
    noLog: z.boolean(),
    scopes: z.array(z.enum(KEY_SCOPES)),
    groupId: z.string().nullable(),
    group: z.string().nullable().describe("The group's name"),
    ...rulesShape(),
    expiresAt: time(),
    revokedAt: time(),
    lastUsedAt: time(),
    createdAt: time(),
  });

/** What the history tells of a key: nothing that opens a door. */
function rulesOf(key: ApiKey): object {
  const { id: _id, hash: _hash, masked: _masked, former: _former, lastUsedAt: _used, ...rules } = key;
  return rules;
}

function shown(key: ApiKey, groups: ReadonlyMap<string, string>) {
  return {
    id: key.id,
    name: key.name,
    key: key.masked,
    machineId: null,
    noLog: key.noLog,
    scopes: key.scopes,
    groupId: key.groupId ?? null,
    group: key.groupId === undefined ? null : (groups.get(key.groupId) ?? null),
    ...shownRules(key),
    expiresAt: isoTime(key.expiresAt),
    revokedAt: isoTime(key.revokedAt),
    lastUsedAt: isoTime(key.lastUsedAt),
    createdAt: isoTime(key.createdAt),
  };
}
