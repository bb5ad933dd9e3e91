import { isLoopbackHost } from "../core/config.ts";
import { GatewayError } from "../core/errors.ts";
import type { Clock } from "../lib/clock.ts";
import { type BackupShelf, type ClientBackup } from "./backup-shelf.ts";
import type { ClientTool, Place, SettingsFile } from "./client-tool.ts";
import { findInstallation, type Installation, type Machine } from "./installation.ts";
import { type FoundFile, readSettingsFile, writeSettingsFile } from "./settings-files.ts";
import { valueAt } from "./settings-path.ts";
import { contentOf, withEntries, withoutEntries } from "./settings-text.ts";

/** Whose models a client asks for: ours, somebody else's, nobody's yet; or it cannot be told from outside. */
export type ConfigStatus = "configured" | "other" | "not_configured" | "unreadable" | "manual";

/** What is known of a client on this machine. */
export type ClientState = Installation & {
  tool: ClientTool;
  configStatus: ConfigStatus;
  /** Which gateway it asks, and for what. */
  address: string | undefined;
  model: string | undefined;
  /** Its settings files, with `~` for the home directory. */
  settingsPaths: readonly string[];
  /** Why they cannot be read. */
  problem: string | undefined;
  /** Could what stood there before us be brought back? */
  canUndo: boolean;
};

export type ClientDeskDeps = {
  machine: Machine;
  shelf: BackupShelf;
  clock: Clock;
  /** Addresses of this gateway. */
  ownAddresses(): readonly string[];
};

/** The clients of this machine: found, pointed here, and put back. Every write keeps a copy first. */
export class ClientDesk {
  constructor(readonly deps: ClientDeskDeps) {}

  /** `here`: the address this gateway was just reached at. */
  state(tool: ClientTool, here?: string): ClientState {
    const installation = findInstallation(tool, this.deps.machine);
    const settingsPaths = tool.files.map((file) => `~/${this.#pathOf(file)}`);
    const common = { ...installation, tool, settingsPaths };
    if (tool.files.length === 0)
      return { ...common, configStatus: "manual", ...UNKNOWN, problem: undefined, canUndo: false };
    const canUndo = this.#wayBack(tool) !== undefined;
    try {
      const { address, model } = this.#told(tool);
      return {
        ...common,
        configStatus: this.#statusOf(address, here),
        address,
        model,
        problem: undefined,
        canUndo,
      };
    } catch (error) {
      const problem = error instanceof Error ? error.message : undefined;
      return { ...common, configStatus: "unreadable", ...UNKNOWN, problem, canUndo };
    }
  }

  /** What the client's files say in the places we would write to, whole. Holds secrets. Throws 409. */
  settings(tool: ClientTool): { [path: string]: unknown } {
    const place = { base: "", key: "", model: "" };
    return Object.fromEntries(
      tool.files.flatMap((file) => {
        const content = this.#contentOf(file);
        return file.entries(place).map(({ path }) => [path.map(stepName).join("."), valueAt(content, path)]);
      }),
    );
  }

  /**
   * Points a client here; a key that was made for it is remembered. Throws 409 for files that cannot be changed
   * safely; then nothing is written.
   */
  apply(tool: ClientTool, place: Place, madeKeyId?: string): ClientBackup {
    writable(tool);
    const untouched = this.state(tool, place.base).configStatus !== "configured";
    const changes = tool.files.map((file) => {
      const found = this.#read(file);
      return { found, text: withEntries(file, found.text, place) };
    });
    return this.#write(tool, "apply", changes, { untouched, ...(madeKeyId !== undefined && { madeKeyId }) });
  }

  /**
   * Takes our settings out of a client's files again; what stood there before us comes back, and what its owner has
   * changed since stays. Throws 409.
   */
  remove(tool: ClientTool): ClientBackup {
    writable(tool);
    const wayBack = this.#wayBack(tool);
    const [last] = this.deps.shelf.list(tool.id);
    const changes = tool.files.map((file) => {
      const found = this.#read(file);
      const before = textIn(wayBack, found.path, "before");
      const after = textIn(last, found.path, "after") ?? found.text;
      if (found.text === undefined) return { found, text: undefined };
      // Nothing but our one write lies between: the old file comes back to the letter.
      const isUnchanged = wayBack !== undefined && last?.id === wayBack.id && found.text === after;
      return { found, text: isUnchanged ? before : withoutEntries(file, found.text, { before, after }) };
    });
    return this.#write(tool, "remove", changes);
  }

  /** Brings the files back as they were before one of our changes. Throws 404, 409. */
  restore(tool: ClientTool, id: string): ClientBackup {
    const { files } = this.deps.shelf.find(tool.id, id);
    const changes = files.map(({ path, before }) => ({
      found: readSettingsFile(this.deps.machine.home, path),
      text: before ?? undefined,
    }));
    return this.#write(tool, "restore", changes);
  }

  backups(tool?: string): ClientBackup[] {
    return this.deps.shelf.list(tool);
  }

  /** Throws 404. */
  dropBackup(tool: ClientTool, id: string): void {
    this.deps.shelf.drop(tool.id, id);
  }

  /** All files or none: what was written before a failure is put back. */
  #write(
    tool: ClientTool,
    reason: ClientBackup["reason"],
    changes: Change[],
    facts: Pick<ClientBackup, "untouched" | "madeKeyId"> = { untouched: false },
  ): ClientBackup {
    const kept = this.deps.shelf.keep({
      tool: tool.id,
      at: this.deps.clock.now(),
      reason,
      ...facts,
      files: changes.map(({ found, text }) => ({
        path: found.path,
        before: found.text ?? null,
        after: text ?? null,
      })),
    });
    const done: Change[] = [];
    try {
      for (const change of changes) {
        if (change.text === change.found.text) continue;
        writeSettingsFile(change.found, change.text);
        done.push(change);
      }
    } catch (error) {
      for (const { found, text } of done) writeSettingsFile({ ...found, text }, found.text);
      this.deps.shelf.drop(tool.id, kept.id);
      throw error;
    }
    return kept;
  }

  #told(tool: ClientTool): { address: string | undefined; model: string | undefined } {
    const told = tool.files.map((file) => {
      const content = this.#contentOf(file);
      return {
        address: file.address && textOf(valueAt(content, file.address)),
        model: file.model && textOf(valueAt(content, file.model)),
      };
    });
    return {
      address: told.find(({ address }) => address !== undefined)?.address,
      model: told.find(({ model }) => model !== undefined)?.model?.replace(/^omniroute\//, ""),
    };
  }

  #statusOf(address: string | undefined, here: string | undefined): ConfigStatus {
    if (address === undefined || address === "") return "not_configured";
    const host = hostOf(address);
    const own = [...this.deps.ownAddresses(), ...(here === undefined ? [] : [here])];
    return own.some((each) => hostOf(each) === host) ? "configured" : "other";
  }

  /** The newest copy from before our settings stood there. */
  #wayBack(tool: ClientTool): ClientBackup | undefined {
    return this.deps.shelf.list(tool.id).find(({ untouched }) => untouched);
  }

  #contentOf(file: SettingsFile): unknown {
    const { text } = this.#read(file);
    return text === undefined ? {} : contentOf(file, text);
  }

  #read(file: SettingsFile): FoundFile {
    return readSettingsFile(this.deps.machine.home, this.#pathOf(file));
  }

  #pathOf({ paths }: SettingsFile): string {
    const { home } = this.deps.machine;
    const isThere = (path: string) => {
      try {
        return readSettingsFile(home, path).text !== undefined;
      } catch {
        return true;
      }
    };
    return paths.length === 1 ? paths[0] : (paths.find(isThere) ?? paths[0]);
  }
}

type Change = { found: FoundFile; text: string | undefined };

const UNKNOWN = { address: undefined, model: undefined } as const;

function writable(tool: ClientTool): void {
  if (tool.files.length > 0) return;
  throw new GatewayError("unsupported", `The settings of ${tool.name} cannot be written from outside.`);
}

const textIn = (
  backup: ClientBackup | undefined,
  path: string,
  side: "before" | "after",
): string | undefined => backup?.files.find((file) => file.path === path)?.[side] ?? undefined;

const textOf = (value: unknown): string | undefined => (typeof value === "string" ? value : undefined);

const stepName = (step: string | { is: string }): string => (typeof step === "string" ? step : step.is);

/** Names that only this machine has mean the same. */
function hostOf(address: string): string | undefined {
  const url = URL.parse(address);
  if (!url) return undefined;
  const port = url.port || (url.protocol === "https:" ? "443" : "80");
  return `${isLoopbackHost(url.hostname) ? "localhost" : url.hostname}:${port}`;
}
