import type { JsonObject } from "../lib/json.ts";
import { EXIT, type CliContext, type DataFlags } from "./context.ts";
import { objects } from "./answers.ts";
import { serverOf } from "./installation.ts";
import { json, line, shown, table } from "./output.ts";

/** Shows where a call to a model or combo would go, in order, and what was left out and why. Nothing is called. */
export async function planModel(
  context: CliContext,
  model: string,
  flags: DataFlags & { json?: boolean },
): Promise<number> {
  const server = await serverOf(context, flags);
  const body = { model, messages: [{ role: "user", content: "Hello" }] };
  const plan = await server.call("POST", "/v1/chat/completions", body, { "x-omniroute-dry-run": "true" });
  if (flags.json) {
    json(context.out, plan);
    return EXIT.fine;
  }
  const steps = objects(plan.resolved).map(
    (step) => `${shown(step.from)} → ${shown(step.to)} (${shown(step.step)})`,
  );
  for (const step of steps) line(context.out, step);
  line(context.out, `Strategy: ${shown(plan.strategy)}`);
  const targets = objects(plan.targets);
  const { connections } = await server.call("GET", "/api/providers");
  const names = new Map(objects(connections).map(({ id, name }) => [id, shown(name)]));
  const nameOf = (id: unknown): string => names.get(id) ?? shown(id).replace(/^builtin:/, "");
  if (targets.length === 0) line(context.out, "Nothing could answer now.");
  else
    table(context, targets, [
      { title: "#", of: (target) => shown(target.position) },
      { title: "MODEL", of: (target) => shown(target.model) },
      { title: "ACCOUNT", of: (target) => nameOf(target.connection) },
      { title: "WHY", of: (target) => shown(target.reason) },
      { title: "COST", of: costOf },
    ]);
  for (const left of objects(plan.excluded)) {
    const until = left.until ? ` until ${shown(left.until)}` : "";
    const over = left.connection ? ` over ${nameOf(left.connection)}` : "";
    line(context.out, `Left out: ${shown(left.model)}${over}: ${shown(left.reason)}${until}`);
  }
  return targets.length > 0 ? EXIT.fine : EXIT.failed;
}

const DOLLARS = new Intl.NumberFormat("en-US", {
  style: "currency",
  currency: "USD",
  maximumSignificantDigits: 2,
});

/** What the call would cost and whether anybody is billed for it: `$0.00025 billed`, `free`, `unknown`. */
function costOf({ estimated_cost: cost, cost_kind: kind }: JsonObject): string {
  if (typeof cost !== "number") return "unknown";
  return cost === 0 && kind === "free" ? "free" : `${DOLLARS.format(cost)} ${shown(kind)}`;
}
