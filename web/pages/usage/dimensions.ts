import type { Engine } from "../../../src/engine.ts";
import type { UsageGroup, UsageTotals } from "../../../src/store/index.ts";
import { connectionName, providerName } from "../../parts/names.ts";
import type { Visit } from "../../visit.ts";

/** By what usage is told apart. `field` is where a group holds it, and what a filter of the address is called. */
export const DIMENSIONS = [
  { id: "model", field: "model" },
  { id: "provider", field: "provider" },
  { id: "key", field: "keyId" },
  { id: "keyGroup", field: "keyGroupId" },
  { id: "connection", field: "connectionId" },
] as const;
export type Dimension = (typeof DIMENSIONS)[number];
export type DimensionId = Dimension["id"];

/** What can be told apart here: groups of keys only where there are any. */
export function dimensionsOf({ engine, url }: Pick<Visit, "engine" | "url">): readonly Dimension[] {
  const asked = url.searchParams.has("keyGroup") || url.searchParams.get("by") === "keyGroup";
  const hasGroups = asked || engine.access.groups.list().length > 0;
  return DIMENSIONS.filter(({ id }) => id !== "keyGroup" || hasGroups);
}

/** What a group stands for in a dimension; empty where a call never came so far. */
export function valueIn(id: DimensionId, group: UsageGroup): string {
  const dimension = DIMENSIONS.find((each) => each.id === id);
  return (dimension && group[dimension.field]) ?? "";
}

/** What can be drawn over time. Sums are stacked, averages are lines. */
export const METRICS = [
  { id: "requests", kind: "sum", of: ({ requests }) => requests },
  { id: "errors", kind: "sum", of: ({ errors }) => errors },
  { id: "tokens", kind: "sum", of: (used) => tokensOf(used) },
  { id: "cost", kind: "sum", of: ({ cost }) => cost },
  { id: "saved", kind: "sum", of: ({ shadowCost }) => shadowCost },
  {
    id: "latency",
    kind: "average",
    of: ({ durationMs, requests }) => (requests === 0 ? undefined : durationMs / requests),
  },
  {
    id: "first",
    kind: "average",
    of: ({ firstContentMs, firstContentCount }) =>
      firstContentCount === 0 ? undefined : firstContentMs / firstContentCount,
  },
] as const satisfies readonly {
  id: string;
  kind: "sum" | "average";
  of: (used: UsageTotals) => number | undefined;
}[];
export type Metric = (typeof METRICS)[number];

/** Everything that went in and out. */
export function tokensOf({ input, cacheRead, cacheWrite, output }: UsageTotals): number {
  return input + cacheRead + cacheWrite + output;
}

/** Writes an amount of a metric. */
export function amountIn(
  metric: Metric,
  { show }: Pick<Visit, "show">,
): (value: number | undefined) => string {
  if (metric.kind === "average") return show.duration;
  return metric.id === "cost" || metric.id === "saved" ? show.money : show.compact;
}

/** The names of what groups are made by, as people know them. */
export function namesIn({
  engine,
  say,
}: Pick<Visit, "engine" | "say">): (id: DimensionId, group: UsageGroup) => string {
  const keys = keyNames(engine);
  const keyGroups = new Map(engine.access.groups.list().map((group) => [group.id, group.name]));
  return (id, { model = "", provider = "", keyId = "", keyGroupId = "", connectionId = "" }) => {
    switch (id) {
      case "model":
        return model || say("usage.unrouted");
      case "provider":
        return provider === "" ? say("usage.unrouted") : providerName(engine, provider);
      case "key":
        return (
          keys.get(keyId) ?? (keyId === "keyless" ? say("logs.keyless") : keyId || say("usage.unrouted"))
        );
      case "keyGroup":
        return keyGroupId === "" ? say("usage.ungrouped") : (keyGroups.get(keyGroupId) ?? keyGroupId);
      case "connection":
        return connectionName(engine, connectionId) ?? (connectionId || say("usage.unrouted"));
    }
  };
}

/** The names of client keys by their ids, revoked ones too. */
export function keyNames(engine: Engine): Map<string, string> {
  return new Map(engine.access.listKeys().map(({ id, name }) => [id, name]));
}
