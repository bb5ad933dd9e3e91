import type { ApiKey, KeyInput } from "../core/key.ts";
import type { JsonObject } from "../lib/json.ts";
import { joined, objects } from "./answers.ts";
import { CliError, EXIT, type CliContext, type DataFlags } from "./context.ts";
import { onInstallation } from "./installation.ts";
import { groupsOf, idOf } from "./key-groups.ts";
import { noteKey } from "./note-key.ts";
import { json, line, paint, shown, table } from "./output.ts";

type Flags = DataFlags & { json?: boolean };

/** Lists all client keys, also ended ones; their text is masked. */
export async function listKeys(context: CliContext, flags: Flags): Promise<number> {
  const { keys, groups } = await onInstallation<{ keys: JsonObject[]; groups: JsonObject[] }>(
    context,
    flags,
    {
      server: async (server) => {
        const listed = objects((await server.call("GET", "/api/keys")).keys);
        return { keys: listed, groups: listed.some(({ group }) => group) ? await groupsOf(server) : [] };
      },
      engine: ({ access }) => {
        const all = access.groups.list();
        const names = new Map(all.map(({ id, name }) => [id, name]));
        return {
          keys: access.listKeys().map((key) => asListed(key, names)),
          groups: all.map((one) => ({ ...one })),
        };
      },
    },
  );
  const paused = new Set(groups.filter(({ isActive }) => isActive === false).map(({ name }) => name));
  if (flags.json) json(context.out, { keys });
  else if (keys.length === 0) line(context.out, "No keys yet. Make one: omniroute key create NAME");
  else
    table(context, keys, [
      { title: "ID", of: (key) => shown(key.id) },
      { title: "NAME", of: (key) => shown(key.name) },
      { title: "KEY", of: (key) => shown(key.key) },
      ...(keys.some(({ group }) => group)
        ? [{ title: "GROUP", of: (key: JsonObject) => shown(key.group) }]
        : []),
      { title: "SCOPES", of: (key) => joined(key.scopes) },
      { title: "STATE", of: (key) => stateOf(key, paused, context.clock.now()) },
      { title: "LAST USED", of: (key) => shown(key.lastUsedAt) },
    ]);
  return EXIT.fine;
}

/** Makes a key and prints it: the only time its text is seen. */
export async function createKey(
  context: CliContext,
  name: string,
  flags: Flags & { scope?: string[]; group?: string; log: boolean; expires?: string },
): Promise<number> {
  const input = {
    name,
    ...(flags.scope && { scopes: flags.scope.flatMap((scope) => scope.split(",")) }),
    ...(!flags.log && { noLog: true }),
    ...(flags.expires !== undefined && { expiresAt: flags.expires }),
  } as KeyInput;
  const made = await onInstallation(context, flags, {
    server: async (server) => {
      const groupId = flags.group === undefined ? undefined : idOf(await groupsOf(server), flags.group);
      return server.call("POST", "/api/keys", { ...input, ...(groupId !== undefined && { groupId }) });
    },
    engine: ({ access, store }) => {
      const groupId = flags.group === undefined ? null : access.groups.named(flags.group).id;
      const fresh = access.createKey({ ...input, groupId });
      noteKey(store, "key.create", fresh.record);
      return asNew(fresh);
    },
  });
  showNew(context, made, flags);
  return EXIT.fine;
}

/** Makes the successor of a key and prints it. The old one works on for the grace time. */
export async function rotateKey(
  context: CliContext,
  id: string,
  flags: Flags & { grace: string },
): Promise<number> {
  if (!/^\d{1,6}$/.test(flags.grace))
    throw new CliError("--grace takes a whole number of seconds, 0 to 604800.", EXIT.wrongUse);
  const graceSeconds = Number(flags.grace);
  const made = await onInstallation(context, flags, {
    server: (server) => server.call("POST", `/api/keys/${encodeURIComponent(id)}/rotate`, { graceSeconds }),
    engine: ({ access, store }) => {
      const fresh = access.rotateKey(id, graceSeconds);
      noteKey(store, "key.rotate", fresh.record, { graceSeconds });
      return asNew(fresh);
    },
  });
  showNew(context, made, flags);
  return EXIT.fine;
}

/** Ends a key at once. */
export async function revokeKey(context: CliContext, id: string, flags: Flags): Promise<number> {
  await onInstallation(context, flags, {
    server: async (server) => {
      await server.call("DELETE", `/api/keys/${encodeURIComponent(id)}`);
    },
    engine: ({ access, store }) => noteKey(store, "key.revoke", access.revokeKey(id)),
  });
  if (flags.json) json(context.out, { id, revoked: true });
  else line(context.out, "The key is revoked.");
  return EXIT.fine;
}

function showNew(context: CliContext, made: JsonObject, flags: Flags): void {
  if (flags.json) return json(context.out, made);
  line(context.out, shown(made.key));
  line(context.err, paint(context, context.err, "dim", `id ${shown(made.id)}; the key is shown only now.`));
}

/** A stored key as the management API lists it. */
function asListed(record: ApiKey, groups: ReadonlyMap<string, string>): JsonObject {
  const { id, name, masked, scopes, noLog } = record;
  return {
    id,
    name,
    key: masked,
    scopes,
    noLog,
    group: groups.get(record.groupId ?? "") ?? null,
    expiresAt: isoTime(record.expiresAt),
    revokedAt: isoTime(record.revokedAt),
    lastUsedAt: isoTime(record.lastUsedAt),
    createdAt: isoTime(record.createdAt),
  };
}

const asNew = ({ key, record }: { key: string; record: ApiKey }): JsonObject => ({
  key,
  name: record.name,
  id: record.id,
  noLog: record.noLog,
});

const isoTime = (time: number | undefined): string | null =>
  time === undefined ? null : new Date(time).toISOString();

function stateOf(key: JsonObject, pausedGroups: ReadonlySet<unknown>, now: number): string {
  if (key.revokedAt) return "revoked";
  if (typeof key.expiresAt === "string" && Date.parse(key.expiresAt) <= now) return "expired";
  return pausedGroups.has(key.group) ? "paused" : "works";
}
