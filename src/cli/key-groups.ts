import type { KeyGroupInput } from "../core/key-group.ts";
import type { Engine } from "../engine.ts";
import type { JsonObject } from "../lib/json.ts";
import { objects } from "./answers.ts";
import { CliError, EXIT, type CliContext, type DataFlags } from "./context.ts";
import { onInstallation } from "./installation.ts";
import { noteKey } from "./note-key.ts";
import { json, line, shown, table } from "./output.ts";
import type { RunningServer } from "./running-server.ts";

type Flags = DataFlags & { json?: boolean };

/** A group's rules as options say them; `none` takes one away. */
export type GroupFlags = Flags & {
  name?: string;
  note?: string;
  models?: string[];
  combos?: string[];
  providers?: string[];
  connections?: string[];
  endpoints?: string[];
  rpm?: string;
  rpd?: string;
  tpm?: string;
  concurrent?: string;
  daily?: string;
  weekly?: string;
  monthly?: string;
  warnAt?: string;
  timeZone?: string;
};

const ACTOR = { name: "cli" };

/** Lists the groups with their keys, what these spent together, and what they may. */
export async function listKeyGroups(context: CliContext, flags: Flags): Promise<number> {
  const groups = await onInstallation(context, flags, { server: groupsOf, engine: groupsIn });
  if (flags.json) json(context.out, { groups });
  else if (groups.length === 0) line(context.out, "No groups yet. Make one: omniroute key group create NAME");
  else
    table(context, groups, [
      { title: "NAME", of: (group) => shown(group.name) },
      { title: "STATE", of: (group) => (group.isActive === false ? "paused" : "works") },
      { title: "KEYS", of: (group) => objects(group.keys).length },
      { title: "THIS MONTH", of: (group) => spentIn(group, "totalCostMonth") },
      { title: "BUDGET LEFT", of: (group) => leftIn(group) },
      { title: "NOTE", of: (group) => shown(group.note) },
    ]);
  return EXIT.fine;
}

/** Makes a group. */
export async function createKeyGroup(context: CliContext, name: string, flags: GroupFlags): Promise<number> {
  const input = { ...inputOf(flags), name };
  const made = await onInstallation<JsonObject>(context, flags, {
    server: async (server) => (await server.call("POST", "/api/key-groups", input)).group as JsonObject,
    engine: ({ access }) => ({ ...access.groups.create(input, ACTOR) }),
  });
  if (flags.json) json(context.out, made);
  else
    line(
      context.out,
      `The group ${shown(made.name)} is made. Put keys into it: omniroute key move ID ${shown(made.name)}`,
    );
  return EXIT.fine;
}

/** Changes what the options name, for all keys of the group. */
export async function changeKeyGroup(context: CliContext, name: string, flags: GroupFlags): Promise<number> {
  const { name: renamed, ...rest } = flags;
  const patch = { ...inputOf(rest), ...(renamed !== undefined && { name: renamed }) };
  if (Object.keys(patch).length === 0)
    throw new CliError("Say what to change: omniroute key group change --help lists it.", EXIT.wrongUse);
  return change(context, name, patch, flags, "changed");
}

/** Refuses all keys of a group, or lets them work again. */
export const pauseKeyGroup = (context: CliContext, name: string, isActive: boolean, flags: Flags) =>
  change(context, name, { isActive }, flags, isActive ? "resumed: its keys work again" : "paused");

/** Removes a group; one with keys only with `--detach`. */
export async function removeKeyGroup(
  context: CliContext,
  name: string,
  flags: Flags & { detach?: boolean },
): Promise<number> {
  const detach = flags.detach === true;
  await onInstallation(context, flags, {
    server: async (server) => {
      const path = pathOf(await groupsOf(server), name);
      await server.call("DELETE", detach ? `${path}?keys=detach` : path);
    },
    engine: ({ access }) => void access.groups.remove(access.groups.named(name).id, { detach }, ACTOR),
  });
  if (flags.json) json(context.out, { name, removed: true });
  else line(context.out, `The group ${shown(name)} is removed.`);
  return EXIT.fine;
}

/** Puts a key into a group, or takes it out of the one it is in. */
export async function moveKey(
  context: CliContext,
  id: string,
  name: string | undefined,
  flags: Flags,
): Promise<number> {
  await onInstallation(context, flags, {
    server: async (server) => {
      const groupId = name === undefined ? null : idOf(await groupsOf(server), name);
      await server.call("PUT", `/api/keys/${encodeURIComponent(id)}`, { groupId });
    },
    engine: ({ access, store }) => {
      const groupId = name === undefined ? null : access.groups.named(name).id;
      noteKey(store, "key.update", access.updateKey(id, { groupId }), { group: name ?? null });
    },
  });
  if (flags.json) json(context.out, { id, group: name ?? null });
  else line(context.out, name === undefined ? "The key is in no group." : `The key is in ${shown(name)}.`);
  return EXIT.fine;
}

/** The id of a group that a person names. Throws `CliError`. */
export function idOf(groups: readonly JsonObject[], name: string): string {
  const group = groups.find((each) => each.name === name || each.id === name);
  if (group) return String(group.id);
  throw new CliError(`There is no key group "${name}".`, EXIT.failed, "All groups: omniroute key group list");
}

const pathOf = (groups: readonly JsonObject[], name: string): string =>
  `/api/key-groups/${encodeURIComponent(idOf(groups, name))}`;

/** The groups of a running server. */
export const groupsOf = async (server: RunningServer): Promise<JsonObject[]> =>
  objects((await server.call("GET", "/api/key-groups")).groups);

function groupsIn({ access }: Engine): JsonObject[] {
  return access.groups.list().map((group) => {
    const { monthly, budgets } = access.spendingOf(group);
    const left = budgets.map(({ limit, used }) => Math.max(0, limit - used));
    const remaining = left.length === 0 ? null : Math.min(...left);
    return {
      ...group,
      keys: access.groups.keysIn(group.id).map(({ id, name }) => ({ id, name })),
      spending: { totalCostMonth: monthly.billed, budgetCheck: { remaining } },
    };
  });
}

async function change(
  context: CliContext,
  name: string,
  patch: Partial<KeyGroupInput>,
  flags: Flags,
  did: string,
): Promise<number> {
  const changed = await onInstallation<JsonObject>(context, flags, {
    server: async (server) => {
      const path = pathOf(await groupsOf(server), name);
      return (await server.call("PUT", path, patch)).group as JsonObject;
    },
    engine: ({ access }) => ({ ...access.groups.update(access.groups.named(name).id, patch, ACTOR) }),
  });
  if (flags.json) json(context.out, changed);
  else line(context.out, `The group ${shown(changed.name)} is ${did}.`);
  return EXIT.fine;
}

function inputOf(flags: GroupFlags): Partial<KeyGroupInput> {
  const list = (names: string[] | undefined) =>
    names && (isNone(names[0]) ? null : names.flatMap((name) => name.split(",")));
  const amount = (text: string | undefined) => (isNone(text) ? null : text);
  const limits = given({
    requestsPerMinute: amount(flags.rpm),
    requestsPerDay: amount(flags.rpd),
    tokensPerMinute: amount(flags.tpm),
    maxConcurrent: amount(flags.concurrent),
  });
  const budget = given({
    dailyLimitUsd: amount(flags.daily),
    weeklyLimitUsd: amount(flags.weekly),
    monthlyLimitUsd: amount(flags.monthly),
    warningThreshold: amount(flags.warnAt),
    timeZone: amount(flags.timeZone),
  });
  return given({
    note: amount(flags.note),
    allowedModels: list(flags.models),
    allowedCombos: list(flags.combos),
    allowedProviders: list(flags.providers),
    allowedConnections: list(flags.connections),
    allowedEndpoints: list(flags.endpoints),
    limits: Object.keys(limits).length > 0 ? limits : undefined,
    budget: Object.keys(budget).length > 0 ? budget : undefined,
  }) as Partial<KeyGroupInput>;
}

const isNone = (text: string | undefined): boolean => text === "none";

const given = (fields: object): object =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));

function spentIn(group: JsonObject, field: string): string {
  const { [field]: cost } = (group.spending ?? {}) as JsonObject;
  return typeof cost === "number" ? `$${cost.toFixed(2)}` : "-";
}

function leftIn(group: JsonObject): string {
  const { budgetCheck } = (group.spending ?? {}) as JsonObject;
  const { remaining } = (budgetCheck ?? {}) as JsonObject;
  return typeof remaining === "number" ? `$${remaining.toFixed(2)}` : "-";
}
