import { join } from "node:path";
import { z } from "zod";
import type { Access } from "../access/index.ts";
import {
  BackupShelf,
  type ClientBackup,
  ClientDesk,
  CLIENT_TOOLS,
  type ClientState,
  type ClientTool,
  findClientTool,
} from "../clients/index.ts";
import type { Config } from "../core/config.ts";
import { badRequest, GatewayError } from "../core/errors.ts";
import type { Clock } from "../lib/clock.ts";
import { parseInput } from "../core/parse-input.ts";
import type { Actor } from "../manage/index.ts";
import { addAudit, type Store } from "../store/index.ts";

const word = (most: number) =>
  z
    .string()
    .trim()
    .min(1)
    .max(most)
    .regex(/^[^\p{Cc}\s]+$/u, "must be one word");
const modelName = z
  .string()
  .trim()
  .min(1)
  .max(256)
  .regex(/^[^\p{Cc}]+$/u, "must be one line");

/** How a client is pointed here. Without a key a new one is made, named after the client. */
export const clientSetupInput = z.object({
  baseUrl: word(500).optional(),
  apiKey: word(512).optional(),
  keyId: z.string().max(100).optional(),
  model: modelName.optional(),
  /** Claude Code's own names for all this, as its settings file has them. */
  env: z
    .object({
      ANTHROPIC_BASE_URL: word(500),
      ANTHROPIC_AUTH_TOKEN: word(512),
      ANTHROPIC_MODEL: modelName,
      ANTHROPIC_DEFAULT_OPUS_MODEL: modelName,
      ANTHROPIC_DEFAULT_SONNET_MODEL: modelName,
      ANTHROPIC_DEFAULT_HAIKU_MODEL: modelName,
    })
    .partial()
    .optional(),
});

/** What was done to a client. */
export type ClientChange = {
  tool: ClientTool;
  backup: ClientBackup;
  /** The key that was made for it; its text stands in the client's file alone. */
  madeKey?: { id: string; name: string };
};

type Deps = { config: Config; clock: Clock; store: Store; access: Access; ownPort(): number | undefined };

/** Pointing the clients of this machine here: who may, with which key, written down in the audit. */
export class ClientSetup {
  readonly desk: ClientDesk;

  constructor(readonly deps: Deps) {
    const { config, clock } = deps;
    this.desk = new ClientDesk({
      machine: {
        home: config.clientHome,
        searchPath: config.clientTools.searchPath,
        programs: config.clientTools.programs,
        platform: process.platform,
      },
      shelf: new BackupShelf(join(config.dataDir, "client-backups")),
      clock,
      ownAddresses: () => [config.baseUrl, `http://localhost:${deps.ownPort() ?? config.port}`],
    });
  }

  /** Every client; `here`: the address this gateway was just reached at. */
  list(here: string): ClientState[] {
    return CLIENT_TOOLS.map((tool) => this.desk.state(tool, here));
  }

  /** Throws `not_found`. */
  tool(id: string): ClientTool {
    const tool = findClientTool(id);
    if (!tool) throw new GatewayError("not_found", `There is no client called \`${id.slice(0, 40)}\`.`);
    return tool;
  }

  /** May a caller have files written? `isLocal`: it sits at this machine. */
  mayWrite(isLocal: boolean): boolean {
    return this.deps.config.clientTools.writes ?? isLocal;
  }

  /** Points a client here. Throws `forbidden`, `bad_request`, 409. */
  apply(id: string, input: unknown, base: string, by: ClientActor): ClientChange {
    this.#refuseWriting(by);
    const tool = this.tool(id);
    const { env = {}, keyId, ...given } = parseInput(clientSetupInput, input);
    if (keyId !== undefined)
      throw badRequest(
        "Keys are kept as hashes, so `keyId` cannot be turned into its text. Send `apiKey`, or neither, and a new key is made.",
        "keyId",
      );
    const model = given.model ?? env.ANTHROPIC_MODEL ?? this.desk.state(tool).model;
    if (model === undefined) throw badRequest("`model` is missing: a model or combo to ask for.", "model");
    const place = {
      base: baseOf(given.baseUrl ?? env.ANTHROPIC_BASE_URL ?? base),
      model,
      tiers: {
        opus: env.ANTHROPIC_DEFAULT_OPUS_MODEL,
        sonnet: env.ANTHROPIC_DEFAULT_SONNET_MODEL,
        haiku: env.ANTHROPIC_DEFAULT_HAIKU_MODEL,
      },
    };
    const key = given.apiKey ?? env.ANTHROPIC_AUTH_TOKEN ?? this.#heldKey(tool);
    if (key !== undefined) {
      const backup = this.desk.apply(tool, { ...place, key });
      this.#note(by, "client.apply", tool, { model });
      return { tool, backup };
    }
    const made = this.deps.access.createKey({ name: tool.name });
    try {
      const backup = this.desk.apply(tool, { ...place, key: made.key }, made.record.id);
      const { id: madeId, name } = made.record;
      this.#note(by, "client.apply", tool, { model, key: name });
      return { tool, backup, madeKey: { id: madeId, name } };
    } catch (error) {
      this.deps.access.revokeKey(made.record.id);
      throw error;
    }
  }

  /** Takes our settings out of a client's files, and a key that was made for it with them. Throws `forbidden`, 409. */
  remove(id: string, by: ClientActor): ClientChange {
    this.#refuseWriting(by);
    const tool = this.tool(id);
    const made = this.desk.backups(tool.id).find(({ madeKeyId }) => madeKeyId !== undefined);
    const backup = this.desk.remove(tool);
    this.#revokeUnused(made?.madeKeyId);
    this.#note(by, "client.remove", tool);
    return { tool, backup };
  }

  /** Brings a client's files back as they were before one of our changes. Throws `forbidden`, `not_found`, 409. */
  restore(id: string, backupId: string, by: ClientActor): ClientChange {
    this.#refuseWriting(by);
    const tool = this.tool(id);
    const backup = this.desk.restore(tool, backupId);
    this.#note(by, "client.restore", tool, { backup: backupId });
    return { tool, backup };
  }

  /** Throws `not_found`. */
  dropBackup(id: string, backupId: string, by: ClientActor): void {
    const tool = this.tool(id);
    this.desk.dropBackup(tool, backupId);
    this.#note(by, "client.backup.delete", tool, { backup: backupId });
  }

  /** A key that was made for this client and never used stands nowhere else. */
  #revokeUnused(madeKeyId: string | undefined): void {
    const { access } = this.deps;
    const key = access.listKeys().find(({ id }) => id === madeKeyId);
    if (key && key.lastUsedAt === undefined && key.revokedAt === undefined) access.revokeKey(key.id);
  }

  /** The key that stands in the client's file already, where it is one of ours and still good. */
  #heldKey(tool: ClientTool): string | undefined {
    return textsIn(this.desk.settings(tool)).find((text) => {
      const caller = this.deps.access.findCaller(text);
      return typeof caller === "object" && caller.key !== undefined;
    });
  }

  #refuseWriting({ isLocal }: ClientActor): void {
    if (this.mayWrite(isLocal)) return;
    const why =
      this.deps.config.clientTools.writes === false
        ? "CLI_ALLOW_CONFIG_WRITES=false forbids it"
        : "you are not at the machine that OmniRoute runs on; CLI_ALLOW_CONFIG_WRITES=true would allow it";
    throw new GatewayError(
      "forbidden",
      `Settings of clients are not written: ${why}. Copy the lines by hand.`,
      {
        param: "clientTools",
      },
    );
  }

  #note(by: ClientActor, action: string, tool: ClientTool, details: { [field: string]: unknown } = {}): void {
    addAudit(this.deps.store, {
      action,
      actor: by.actor.name,
      ...(by.actor.ip !== undefined && { ip: by.actor.ip }),
      target: tool.id,
      result: "ok",
      details: { name: tool.name, ...details },
    });
  }
}

/** Who changes a client's files, and whether they sit at this machine. */
export type ClientActor = { actor: Actor; isLocal: boolean };

function textsIn(value: unknown): string[] {
  if (typeof value === "string") return [value];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(textsIn) : [];
}

/** The address without a path: clients differ in which they want behind it. Throws `bad_request`. */
function baseOf(address: string): string {
  const url = URL.parse(address);
  if (!url || !/^https?:$/.test(url.protocol) || url.username || url.password || url.search || url.hash)
    throw badRequest("`baseUrl` must be an address such as http://localhost:20128.", "baseUrl");
  return url.href.replace(/\/+$/, "").replace(/\/v1$/, "").replace(/\/+$/, "");
}
