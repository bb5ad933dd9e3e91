import { z } from "zod";
import type { Engine } from "../engine.ts";
import type { RouteTable } from "./route-table.ts";

const CATALOGUE_LIMIT_BYTES = 32 * 1024 * 1024;

/** The facts on providers and models: where they come from, and newer ones in their place. */
export function catalogueRoutes(table: RouteTable, engine: Engine): void {
  const { catalogue } = engine.manage;

  table.add(
    {
      method: "GET",
      path: "/api/catalogue",
      role: "reader",
      summary: "Which facts on providers and models are in force, and where they come from.",
      answer: viewShape,
    },
    () => catalogue.view(),
  );

  table.add(
    {
      method: ["POST", "PUT"],
      path: "/api/catalogue",
      role: "admin",
      summary: "Takes newer facts: from an address that is asked now, or from the body.",
      body: () =>
        z.looseObject({
          url: z.string().max(2000).optional().describe("Where to fetch it; or the catalogue itself:"),
          version: z.string().optional(),
          providers: z.array(z.looseObject({ id: z.string() })).optional(),
        }),
      limitBytes: CATALOGUE_LIMIT_BYTES,
      answer: viewShape,
    },
    (c, { raw }) => {
      c.env.unlimited();
      return catalogue.load(raw, c.get("actor"), c.req.raw.signal);
    },
  );

  table.add(
    {
      method: "POST",
      path: "/api/catalogue/reload",
      role: "admin",
      summary: "Reads `catalogue.json` of the data directory again.",
      answer: viewShape,
    },
    (c) => catalogue.reload(c.get("actor")),
  );

  table.add(
    {
      method: "DELETE",
      path: "/api/catalogue",
      role: "admin",
      summary: "Goes back to the facts that are built in.",
      answer: viewShape,
    },
    (c) => catalogue.reset(c.get("actor")),
  );
}

const viewShape = () =>
  z.object({
    source: z.enum(["built-in", "file"]),
    version: z.string().optional(),
    providers: z.number(),
    models: z.number(),
    warnings: z.array(z.string()),
  });
