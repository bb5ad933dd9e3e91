import type { Command } from "commander";
import { group, type JsonFlags, type Report, withJson } from "./command-words.ts";
import type { CliContext } from "./context.ts";
import {
  changeKeyGroup,
  createKeyGroup,
  type GroupFlags,
  listKeyGroups,
  moveKey,
  pauseKeyGroup,
  removeKeyGroup,
} from "./key-groups.ts";
import { createKey, listKeys, revokeKey, rotateKey } from "./keys.ts";

/** `omniroute key …`: the keys that clients use, and their groups. */
export function addKeyCommands(program: Command, context: CliContext, done: Report): void {
  const key = group(program, "key", "keys that clients use");
  withJson(key.command("list").description("list the keys")).action(async (flags: JsonFlags) =>
    done(await listKeys(context, flags)),
  );
  withJson(key.command("create").description("make a key and print it, this once").argument("<name>"))
    .option("--scope <scope...>", "inference (default), admin, read, metrics, sync")
    .option("--group <name>", "the group whose rules and budget it shares")
    .option("--no-log", "keep the bodies of its calls out of every log")
    .option("--expires <date>", "ISO date after which it no longer works")
    .action(async (name: string, flags) => done(await createKey(context, name, flags)));
  withJson(key.command("rotate").description("make its successor and print it, this once").argument("<id>"))
    .option("--grace <seconds>", "how long the old one works on", "0")
    .action(async (id: string, flags) => done(await rotateKey(context, id, flags)));
  withJson(key.command("revoke").description("end a key at once").argument("<id>")).action(
    async (id: string, flags: JsonFlags) => done(await revokeKey(context, id, flags)),
  );
  withJson(
    key
      .command("move")
      .description("put a key into a group; without one, take it out of its own")
      .argument("<id>")
      .argument("[group]"),
  ).action(async (id: string, name: string | undefined, flags: JsonFlags) =>
    done(await moveKey(context, id, name, flags)),
  );
  addGroupCommands(key, context, done);
}

function addGroupCommands(key: Command, context: CliContext, done: Report): void {
  const groups = group(key, "group", "groups of keys that share rules and budgets");
  withJson(groups.command("list").description("list the groups, with what their keys spent")).action(
    async (flags: JsonFlags) => done(await listKeyGroups(context, flags)),
  );
  withRules(groups.command("create").description("make a group").argument("<name>")).action(
    async (name: string, flags: GroupFlags) => done(await createKeyGroup(context, name, flags)),
  );
  withRules(groups.command("change").description("change what the options name").argument("<group>"))
    .option("--name <name>", "another name")
    .action(async (name: string, flags: GroupFlags) => done(await changeKeyGroup(context, name, flags)));
  for (const isActive of [false, true])
    withJson(
      groups
        .command(isActive ? "resume" : "pause")
        .description(isActive ? "let its keys work again" : "refuse all its keys at once")
        .argument("<group>"),
    ).action(async (name: string, flags: JsonFlags) =>
      done(await pauseKeyGroup(context, name, isActive, flags)),
    );
  withJson(groups.command("remove").description("remove a group without keys").argument("<group>"))
    .option("--detach", "also with keys: they then work without its limits")
    .action(async (name: string, flags) => done(await removeKeyGroup(context, name, flags)));
}

const withRules = (command: Command): Command =>
  withJson(command)
    .option("--note <text>", "what it is for")
    .option("--models <pattern...>", "models it may use; `none` here and below takes a rule away")
    .option("--combos <pattern...>", "combos it may use")
    .option("--providers <id...>", "providers it may use")
    .option("--connections <id...>", "connections, or group:NAME for a group of accounts")
    .option("--endpoints <name...>", "chat, messages, responses, embeddings …")
    .option("--rpm <number>", "requests per minute, of all its keys together")
    .option("--rpd <number>", "requests per day")
    .option("--tpm <number>", "tokens per minute")
    .option("--concurrent <number>", "calls at once")
    .option("--daily <usd>", "what its keys may spend together in a day")
    .option("--weekly <usd>", "in a week")
    .option("--monthly <usd>", "in a month")
    .option("--warn-at <percent>", "share of a budget at which you are told (80)")
    .option("--time-zone <zone>", "where its days begin, as Europe/Berlin (UTC)");
