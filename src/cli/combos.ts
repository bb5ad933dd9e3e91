import { isObject, type JsonObject } from "../lib/json.ts";
import { objects } from "./answers.ts";
import { EXIT, type CliContext, type DataFlags } from "./context.ts";
import { onInstallation, serverOf } from "./installation.ts";
import { json, line, shown, table } from "./output.ts";

type Flags = DataFlags & { json?: boolean };

/** Lists the combos with their strategy and models. */
export async function listCombos(context: CliContext, flags: Flags): Promise<number> {
  const combos = await onInstallation(context, flags, {
    server: async (server) => objects((await server.call("GET", "/api/combos")).combos),
    engine: (engine) => engine.manage.combos.list() as unknown as JsonObject[],
  });
  if (flags.json) json(context.out, { combos });
  else if (combos.length === 0) line(context.out, "No combos yet: make one on the dashboard page Combos.");
  else
    table(context, combos, [
      { title: "NAME", of: (combo) => shown(combo.name) },
      { title: "STRATEGY", of: (combo) => shown(combo.strategy) },
      { title: "ACTIVE", of: (combo) => combo.isActive !== false },
      { title: "MODELS", of: (combo) => modelsOf(combo).join(" → ") },
    ]);
  return EXIT.fine;
}

/** Asks every model of a combo once, side by side. Exit code 0 when at least one answered, so that the combo works. */
export async function testCombo(context: CliContext, name: string, flags: Flags): Promise<number> {
  const server = await serverOf(context, flags);
  const answer = await server.call("POST", "/api/combos/test", { comboName: name });
  const results = objects(answer.results);
  if (flags.json) json(context.out, answer);
  else
    table(context, results, [
      { title: "MODEL", of: (result) => shown(result.model) },
      { title: "RESULT", of: (result) => shown(result.status) },
      { title: "STATUS", of: (result) => shown(result.statusCode) },
      { title: "MS", of: (result) => shown(result.latencyMs) },
      { title: "ERROR", of: (result) => shown(result.error) },
    ]);
  return results.some((result) => result.status === "ok") ? EXIT.fine : EXIT.failed;
}

function modelsOf(combo: JsonObject): string[] {
  const models = Array.isArray(combo.models) ? combo.models : [];
  return models.map((entry: unknown) => shown(isObject(entry) ? entry.model : entry));
}
