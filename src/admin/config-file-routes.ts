import { z } from "zod";
import type { Engine } from "../engine.ts";
import { writeDeclaration } from "../engine/declared/write.ts";
import { isoTime } from "./http.ts";
import type { RouteTable } from "./route-table.ts";
import { time } from "./shapes.ts";

/** What a configuration file declares, and writing one. */
export function configFileRoutes(table: RouteTable, engine: Engine): void {
  table.add(
    {
      method: "GET",
      path: "/api/config-file",
      role: "reader",
      summary: "The configuration file: where it is, what it declares, and what is wrong with it.",
      answer: () =>
        z.object({
          path: z.string().nullable(),
          appliedAt: time().nullable(),
          faults: z.array(z.object({ line: z.number().optional(), path: z.string(), message: z.string() })),
          declared: z.looseObject({}).describe("Ids by name; aliases and settings by name"),
        }),
    },
    () => {
      const { path, appliedAt, faults, declared } = engine.declared.state();
      return { path: path ?? null, appliedAt: isoTime(appliedAt), faults, declared };
    },
  );

  table.add(
    {
      method: "GET",
      path: "/api/config-file/export",
      role: "admin",
      summary: "The running state as a configuration file; secrets are references to variables.",
      query: () => z.object({ format: z.enum(["toml", "yaml"]).default("toml") }),
      answer: { media: "text/plain", about: "TOML or YAML." },
    },
    (_c, { query: { format } }) =>
      new Response(declarationOf(engine, format), {
        headers: { "content-type": "text/plain; charset=utf-8", "cache-control": "no-store" },
      }),
  );
}

/** The running state as a file. */
const declarationOf = (engine: Engine, format: "toml" | "yaml"): string =>
  writeDeclaration(
    { store: engine.store, manage: engine.manage, access: engine.access, settings: () => engine.settings() },
    format,
  );
