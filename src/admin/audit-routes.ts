import { z } from "zod";
import type { Engine } from "../engine.ts";
import { listAudit } from "../store/index.ts";
import { isoTime } from "./http.ts";
import type { RouteTable } from "./route-table.ts";
import { listQuery, queryText, time, yes } from "./shapes.ts";

/** Who changed what, and taking it back. */
export function auditRoutes(table: RouteTable, engine: Engine): void {
  table.add(
    {
      method: "GET",
      path: "/api/compliance/audit-log",
      role: "reader",
      summary: "Who changed what from what to what, and who signed in, the newest first.",
      query: () => listQuery(1000, 50).extend({ action: queryText(), actor: queryText() }),
      answer: () => z.array(entryShape()),
    },
    (_c, { query }) =>
      listAudit(engine.store, query).map(({ at, ...entry }) => ({ ...entry, timestamp: isoTime(at) })),
  );

  table.add(
    {
      method: "POST",
      path: "/api/compliance/audit-log/undo",
      role: "admin",
      summary: "Takes back what an entry did; without an id, the newest that can be.",
      body: () => z.object({ id: z.coerce.number().int().min(1).optional() }),
      answer: () =>
        z.object({ undone: yes(), id: z.number(), action: z.string(), target: z.string().optional() }),
    },
    (c, { body: { id } }) => ({ undone: true, ...engine.manage.history.undo(id, c.get("actor")) }),
  );
}

const entryShape = () =>
  z.object({
    id: z.number(),
    timestamp: time(),
    action: z.string(),
    actor: z.string(),
    target: z.string().optional(),
    ip: z.string().optional(),
    result: z.enum(["ok", "failed"]),
    details: z.looseObject({}).optional(),
    changes: z
      .array(
        z.object({
          what: z.string(),
          name: z.string(),
          field: z.string(),
          from: z.unknown().optional(),
          to: z.unknown().optional(),
        }),
      )
      .describe("Field by field; secrets are masked"),
    undo: z.enum(["possible", "done", "impossible"]),
  });
