import { z } from "zod";
import { GatewayError } from "../core/errors.ts";
import type { Engine } from "../engine.ts";
import { tracingPatch } from "../manage/index.ts";
import type { RouteTable } from "./route-table.ts";

/** Where calls go as OpenTelemetry traces. */
export function tracingRoutes(table: RouteTable, engine: Engine): void {
  const { tracing } = engine.manage;

  table.add(
    {
      method: "GET",
      path: "/api/settings/tracing",
      role: "reader",
      summary: "Which OpenTelemetry collector gets traces, and the names of the headers that open it.",
      answer: tracingShape,
    },
    () => tracing.settings(),
  );

  table.add(
    {
      method: "PUT",
      path: "/api/settings/tracing",
      role: "admin",
      summary:
        "Changes which collector gets traces. Headers are never shown again, and stay with their host.",
      body: () => tracingPatch,
      answer: tracingShape,
    },
    (c, { raw }) => tracing.change(raw, c.get("actor")),
  );

  table.add(
    {
      method: "POST",
      path: "/api/settings/tracing/test",
      role: "admin",
      summary: "Posts a batch without spans to the collector now and tells what came of it.",
      answer: () =>
        z.object({ delivered: z.boolean(), status: z.number().nullable(), error: z.string().nullable() }),
    },
    async () => {
      const tried = await engine.traces.try();
      if (!tried) throw new GatewayError("bad_request", "No collector is named: save its address first.");
      return { delivered: tried.ok, status: tried.status ?? null, error: tried.error ?? null };
    },
  );
}

const tracingShape = () => z.object({ endpoint: z.string(), headers: z.array(z.string()) });
