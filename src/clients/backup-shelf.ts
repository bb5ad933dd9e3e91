import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { GatewayError } from "../core/errors.ts";

const KEPT_PER_TOOL = 20;
const ID = /^\d{8}T\d{9}Z(?:-\d{1,3})?$/;

const backup = z.object({
  tool: z.string(),
  /** Milliseconds since 1970. */
  at: z.number(),
  reason: z.enum(["apply", "remove", "restore"]),
  /** Did the files say nothing of us before? */
  untouched: z.boolean(),
  /** The API key that was made for the client. */
  madeKeyId: z.string().optional(),
  /** Paths below the home directory; null for no file. */
  files: z.array(z.object({ path: z.string(), before: z.string().nullable(), after: z.string().nullable() })),
});

/** A client's settings files as they were before a change of ours, and after it. */
export type ClientBackup = z.infer<typeof backup> & { id: string };

/** Copies of clients' settings files, one file each in the data directory: they may hold secrets. */
export class BackupShelf {
  constructor(readonly directory: string) {}

  /** Of one client or of all, the newest first. */
  list(tool?: string): ClientBackup[] {
    const tools = tool === undefined ? this.#names("") : [tool];
    return tools
      .flatMap((name) => this.#names(name).map((file) => this.#read(name, file.replace(/\.json$/, ""))))
      .filter((found) => found !== undefined)
      .toSorted((a, b) => b.at - a.at || b.id.localeCompare(a.id, "en", { numeric: true }));
  }

  /** Throws `not_found`. */
  find(tool: string, id: string): ClientBackup {
    const found = ID.test(id) ? this.#read(tool, id) : undefined;
    if (!found) throw new GatewayError("not_found", "There is no such backup of this client's settings.");
    return found;
  }

  keep(kept: Omit<ClientBackup, "id">): ClientBackup {
    const directory = join(this.directory, kept.tool);
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    const moment = new Date(kept.at).toISOString().replace(/[-:.]/g, "");
    const taken = new Set(this.#names(kept.tool));
    let id = moment;
    for (let copy = 1; taken.has(`${id}.json`); copy++) id = `${moment}-${copy}`;
    const draft = join(directory, `.${id}`);
    writeFileSync(draft, JSON.stringify(kept), { mode: 0o600 });
    renameSync(draft, join(directory, `${id}.json`));
    this.#dropOldest(kept.tool);
    return { ...kept, id };
  }

  /** Throws `not_found`. */
  drop(tool: string, id: string): void {
    this.find(tool, id);
    rmSync(join(this.directory, tool, `${id}.json`), { force: true });
  }

  /** The last one from before our settings is never dropped: it is the way back. */
  #dropOldest(tool: string): void {
    const all = this.list(tool);
    const wayBack = all.find(({ untouched }) => untouched);
    for (const { id } of all.slice(KEPT_PER_TOOL)) if (id !== wayBack?.id) this.drop(tool, id);
  }

  #names(folder: string): string[] {
    try {
      return readdirSync(join(this.directory, folder)).filter((name) => !name.startsWith("."));
    } catch {
      return [];
    }
  }

  #read(tool: string, id: string): ClientBackup | undefined {
    try {
      const text = readFileSync(join(this.directory, tool, `${id}.json`), "utf8");
      return { ...backup.parse(JSON.parse(text)), id };
    } catch {
      return undefined;
    }
  }
}
