import { isDeepStrictEqual } from "node:util";
import type { Access } from "../../access/index.ts";
import { badRequest, GatewayError } from "../../core/errors.ts";
import type { Settings } from "../../core/settings.ts";
import type { Manage } from "../../manage/index.ts";
import { findProvider, type Catalogue } from "../../routing/index.ts";
import { addAudit, FILE_ACTOR, listConnections, type Store } from "../../store/index.ts";
import type { Declaration } from "./declaration.ts";

/** What stands in the store because the file says so: ids of rows by the names the file uses. */
export type Marks = {
  connections: { [name: string]: string };
  nodes: { [prefix: string]: string };
  combos: { [name: string]: string };
  keyGroups: { [name: string]: string };
  keys: { [name: string]: string };
  aliases: string[];
  settings: string[];
};

export const NO_MARKS: Marks = {
  connections: {},
  nodes: {},
  combos: {},
  keyGroups: {},
  keys: {},
  aliases: [],
  settings: [],
};

export type ApplyDeps = {
  store: Store;
  access: Pick<Access, "declareKey" | "groups" | "listKeys" | "revokeKey">;
  manage: Manage;
  catalogue(): Catalogue;
  settings(): Settings;
};

const ACTOR = { name: FILE_ACTOR };

/** One thing of a declaration does not fit: `path` says where it stands in the file, the message why. */
export class Misfit extends Error {
  constructor(
    readonly path: readonly (string | number)[],
    cause: GatewayError,
  ) {
    super(cause.message, { cause });
  }
}

/** Puts one thing in force; what is refused of it is told with its place. */
function placed<T>(path: readonly (string | number)[], put: () => T): T {
  try {
    return put();
  } catch (error) {
    throw error instanceof GatewayError ? new Misfit(path, error) : error;
  }
}

/**
 * Makes the store be what the file says; what an earlier state of the file said and this one does not, goes. Throws
 * `Misfit`.
 */
export function applyDeclaration(deps: ApplyDeps, declaration: Declaration, before: Marks): Marks {
  const nodes = applyNodes(deps, declaration.nodes);
  const connections = applyConnections(deps, declaration.connections);
  const aliases = applyAliases(deps, declaration.aliases, before.aliases);
  const combos = applyCombos(deps, declaration.combos);
  const keyGroups = applyKeyGroups(deps, declaration.keyGroups);
  const keys = applyKeys(deps, declaration.keys);
  const settings = applySettings(deps, declaration.settings);
  const after = { connections, nodes, combos, keyGroups, keys, aliases, settings };
  removeGone(deps, before, after);
  return after;
}

/** Puts the things of a list in force, one after the other; each gives its name and id. */
const eachPlaced = <Thing>(
  list: "connections" | "nodes" | "combos" | "keyGroups" | "keys",
  wanted: readonly Thing[],
  put: (thing: Thing) => [name: string, id: string],
): [name: string, id: string][] => wanted.map((thing, index) => placed([list, index], () => put(thing)));

function applyNodes({ manage }: ApplyDeps, wanted: Declaration["nodes"]): Marks["nodes"] {
  return Object.fromEntries(
    eachPlaced("nodes", wanted, (input) => {
      const found = manage.nodes.list().find(({ prefix }) => prefix === input.prefix);
      if (!found) return [input.prefix, manage.nodes.create(input, ACTOR).id];
      if (found.type !== input.type || found.apiType !== input.apiType)
        throw badRequest(
          `The node ${input.prefix} is of another type: remove it, or give this one another prefix.`,
        );
      const { type: _type, apiType: _apiType, ...patch } = input;
      if (differs(found, { ...patch, baseUrl: patch.baseUrl.replace(/\/+$/, "") }))
        manage.nodes.update(found.id, patch, ACTOR);
      return [input.prefix, found.id];
    }),
  );
}

function applyConnections(deps: ApplyDeps, wanted: Declaration["connections"]): Marks["connections"] {
  const { manage, store } = deps;
  return Object.fromEntries(
    eachPlaced("connections", wanted, ({ acceptTerms, ...input }) => {
      const provider = findProvider(deps.catalogue(), input.provider)?.provider.id ?? input.provider;
      const mark = `${provider}/${input.name}`;
      const found = listConnections(store).find(
        (each) => each.provider === provider && each.name === input.name,
      );
      if (!found)
        return [
          mark,
          manage.connections.create({ ...input, ...(acceptTerms !== undefined && { acceptTerms }) }, ACTOR)
            .id,
        ];
      const { provider: _provider, apiKey, ...patch } = input;
      const sameKey = apiKey === undefined || found.credentials.apiKey === apiKey;
      if (differs(found, patch) || !sameKey)
        manage.connections.update(found.id, { ...patch, ...(!sameKey && { apiKey }) }, ACTOR);
      return [mark, found.id];
    }),
  );
}

function applyCombos({ manage }: ApplyDeps, wanted: Declaration["combos"]): Marks["combos"] {
  return Object.fromEntries(
    eachPlaced("combos", wanted, (input) => {
      const found = manage.combos.list().find(({ name }) => name === input.name);
      if (!found) return [input.name, manage.combos.create(input, ACTOR).id];
      if (differs(found, input)) manage.combos.update(found.id, input, ACTOR);
      return [input.name, found.id];
    }),
  );
}

function applyKeyGroups({ access }: ApplyDeps, wanted: Declaration["keyGroups"]): Marks["keyGroups"] {
  return Object.fromEntries(
    eachPlaced("keyGroups", wanted, (input) => [input.name, access.groups.declare(input, ACTOR).id]),
  );
}

function applyKeys({ access, store }: ApplyDeps, wanted: Declaration["keys"]): Marks["keys"] {
  return Object.fromEntries(
    eachPlaced("keys", wanted, ({ key, group, ...input }) => {
      const groupId = group === undefined ? null : access.groups.named(group).id;
      const { record, did } = access.declareKey(key, { ...input, groupId });
      if (did !== "nothing")
        tell(store, did === "created" ? "key.create" : "key.update", record.id, record.name);
      return [input.name, record.id];
    }),
  );
}

const tell = (store: Store, action: string, target: string, name: string) =>
  addAudit(store, { action, actor: ACTOR.name, target, result: "ok", details: { name } });

function applyAliases({ manage }: ApplyDeps, wanted: Declaration["aliases"], before: string[]): string[] {
  const { exact, patterns } = manage.aliases.list();
  const known = new Map([...exact, ...patterns].map(({ pattern, target }) => [pattern, target]));
  // First of all: what the file said before must not close a circle with what it says now.
  for (const pattern of before)
    if (known.get(pattern) !== wanted[pattern]) manage.aliases.remove(pattern, ACTOR);
  for (const [pattern, target] of Object.entries(wanted))
    if (known.get(pattern) !== target)
      placed(["aliases", pattern], () => manage.aliases.save({ pattern, target }, ACTOR));
  return Object.keys(wanted);
}

function applySettings({ manage, settings }: ApplyDeps, wanted: Declaration["settings"]): string[] {
  if (differs(settings(), wanted)) placed(["settings"], () => manage.settings.change(wanted, ACTOR));
  return Object.keys(wanted);
}

/** Settings stay as they are and can be changed again, as do groups that hold other keys to their rules; keys end. */
function removeGone({ manage, access, store }: ApplyDeps, before: Marks, after: Marks): void {
  const gone = (list: "connections" | "nodes" | "combos" | "keyGroups" | "keys") =>
    Object.values(before[list]).filter((id) => !Object.values(after[list]).includes(id));
  for (const id of gone("combos"))
    if (manage.combos.list().some((combo) => combo.id === id)) manage.combos.remove(id, true, ACTOR);
  for (const id of gone("connections"))
    if (listConnections(store).some((each) => each.id === id)) manage.connections.remove(id, ACTOR);
  for (const id of gone("nodes"))
    if (manage.nodes.list().some((node) => node.id === id)) manage.nodes.remove(id, true, ACTOR);
  for (const id of gone("keys"))
    for (const { name } of access.listKeys().filter((key) => key.id === id && key.revokedAt === undefined)) {
      access.revokeKey(id);
      tell(store, "key.revoke", id, name);
    }
  const groups = new Set(access.groups.list().map(({ id }) => id));
  for (const id of gone("keyGroups"))
    if (groups.has(id) && access.groups.keysIn(id).length === 0) access.groups.remove(id, {}, ACTOR);
}

/** Does a thing say otherwise than what is wanted of it? What is not named counts as equal; null wants nothing there. */
function differs(found: object, wanted: object): boolean {
  const now = found as { [field: string]: unknown };
  return Object.entries(wanted).some(
    ([field, value]) => value !== undefined && !isDeepStrictEqual(now[field] ?? null, value ?? null),
  );
}
