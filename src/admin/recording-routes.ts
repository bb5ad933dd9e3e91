import { z } from "zod";
import type { Engine } from "../engine.ts";
import type { RouteTable } from "./route-table.ts";
import { listQuery, moment } from "./shapes.ts";

/** Calls kept byte for byte: what is recorded, and each as a file that can be played again. */
export function recordingRoutes(table: RouteTable, engine: Engine): void {
  const { recorder } = engine;
  const state = () => ({
    always: engine.settings().enableRequestLogs,
    next: recorder.next,
    dropped: recorder.dropped,
  });
  table.add(
    {
      method: "GET",
      path: "/api/recordings",
      role: "reader",
      summary: "Which calls are recorded (all of them, or the next few), and what is kept, the newest first.",
      query: () => listQuery(500, 50),
      answer: () => stateShape().extend({ recordings: z.array(recordedShape()) }),
    },
    (_c, { query: { limit, offset } }) => ({
      ...state(),
      recordings: recorder
        .list(limit, offset)
        .map(({ at, ...facts }) => ({ ...facts, at: new Date(at).toISOString() })),
    }),
  );

  table.add(
    {
      method: "POST",
      path: "/api/recordings",
      role: "admin",
      summary: "Records the next calls with their bodies; 0 stops that.",
      body: () => z.object({ next: z.number().int().min(0).max(1000) }),
      answer: stateShape,
    },
    (c, { body: { next } }) => {
      recorder.recordNext(next, c.get("actor"));
      return state();
    },
  );

  table.add(
    {
      method: "DELETE",
      path: "/api/recordings",
      role: "admin",
      summary: "Forgets all recorded bodies.",
      answer: () => z.object({ cleared: z.number() }),
    },
    (c) => ({ cleared: recorder.clear(c.get("actor")) }),
  );

  table.add(
    {
      method: "GET",
      path: "/api/recordings/:id",
      role: "admin",
      summary: "A recorded call as a file without secrets, which `omniroute replay` plays again.",
      answer: { media: "application/json", about: "A bundle, as an attachment." },
    },
    (c) => {
      const id = c.req.param("id");
      const bundle = recorder.bundle(id, c.get("actor"));
      return new Response(bundle, {
        headers: {
          "content-type": "application/json; charset=utf-8",
          "content-disposition": `attachment; filename="omniroute-${id.replace(/[^\w.-]/g, "_")}.bundle.json"`,
          "cache-control": "no-store",
          "x-content-type-options": "nosniff",
        },
      });
    },
  );
}

const recordedShape = () =>
  z.object({
    id: z.string(),
    at: moment(),
    kind: z.string().meta({ description: "`chat`, `count`, or the path of a service" }),
    path: z.string(),
    status: z.number().int(),
    bytes: z.number().int().meta({ description: "Of all bodies, also of what was cut" }),
    exchanges: z.number().int().meta({ description: "Calls to providers" }),
    isCut: z.boolean(),
    isPlayable: z.boolean(),
  });

const stateShape = () => z.object({ always: z.boolean(), next: z.number(), dropped: z.number() });
