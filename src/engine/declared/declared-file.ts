import { existsSync, readFileSync, statSync } from "node:fs";
import { extname } from "node:path";
import { badRequest, GatewayError } from "../../core/errors.ts";
import type { Clock } from "../../lib/clock.ts";
import { isObject } from "../../lib/json.ts";
import type { Log } from "../../lib/log.ts";
import { readValue, type RowChange, saveValue, type Store } from "../../store/index.ts";
import { applyDeclaration, type ApplyDeps, type Marks, Misfit, NO_MARKS } from "./apply.ts";
import { type FileFormat, lineOf } from "./locate.ts";
import { type FileFault, parseDeclaration, type Reference } from "./parse.ts";

/** How the file stands. Times in milliseconds since 1970. */
export type DeclaredState = {
  path?: string;
  appliedAt?: number;
  /** Of the newest text, which is not in force while there are any. */
  faults: FileFault[];
  declared: Marks;
};

export type DeclaredDeps = ApplyDeps & {
  store: Store;
  clock: Clock;
  log: Log;
  /** The file that was named or found at the start. */
  path: string | undefined;
  /** Where a file may appear while nothing is declared by one. */
  places: readonly string[];
  reference: Reference;
};

const LOOK_EVERY_MS = 1500;
/** A file that is just being written looks half empty for a moment, and what is gone from it would be removed. */
const SETTLED_AFTER_MS = 250;
const LARGEST_BYTES = 4 * 1024 * 1024;

/**
 * The configuration file: what it declares is in force from the start on and on every change, and cannot be changed
 * elsewhere. A file with faults changes nothing; the state before stays in force.
 */
export class DeclaredFile {
  #path: string | undefined;
  #marks: Marks;
  #faults: FileFault[] = [];
  #appliedAt: number | undefined;
  #seen = "";
  #applying = false;
  #cancel = () => {};

  constructor(readonly deps: DeclaredDeps) {
    this.#path = deps.path;
    this.#marks = readMarks(deps.store);
    deps.store.guard = (changes) => this.#refuse(changes);
  }

  /** Puts the file in force once, and gives what is wrong with it; while there is anything, nothing is changed. */
  put(): readonly FileFault[] {
    if (this.#path === undefined) this.#release();
    else this.#apply();
    return this.#faults;
  }

  /** Puts the file in force and watches it. Throws `GatewayError` naming the lines when it has faults. */
  start(): void {
    if (this.put().length > 0) throw new GatewayError("bad_request", this.#words());
    this.#watch();
  }

  /** Without a file nothing is declared; what it declared stays and can be changed again. */
  #release(): void {
    if (isEmpty(this.#marks)) return;
    this.#marks = NO_MARKS;
    saveValue(this.deps.store, "declared", "marks", undefined);
    this.deps.log.warn(
      "config-file",
      "There is no configuration file any more: what it declared stays, and can be changed again.",
    );
  }

  stop(): void {
    this.#cancel();
  }

  state(): DeclaredState {
    const path = this.#path;
    return {
      ...(path !== undefined && { path }),
      ...(this.#appliedAt !== undefined && { appliedAt: this.#appliedAt }),
      faults: this.#faults,
      declared: this.#marks,
    };
  }

  /** After an import or a restore, which brings rows the file may say otherwise of. */
  again(): void {
    if (this.#path === undefined) return;
    this.#apply();
    if (this.#faults.length > 0) this.deps.log.warn("config-file", this.#words());
  }

  #watch(): void {
    this.#cancel = this.deps.clock.after(LOOK_EVERY_MS, () => {
      this.#path ??= this.deps.places.find((place) => existsSync(place));
      const found = this.#path === undefined ? this.#seen : fingerprint(this.#path);
      if (found === this.#seen) return this.#watch();
      this.#cancel = this.deps.clock.after(SETTLED_AFTER_MS, () => {
        if (fingerprint(this.#path!) === found) this.#takeUp();
        this.#watch();
      });
    });
  }

  /** The file is another one than before. */
  #takeUp(): void {
    this.#apply();
    if (this.#faults.length > 0) this.deps.log.warn("config-file", this.#words());
    else this.deps.log.info("config-file", "The configuration file was changed and is in force.");
  }

  #apply(): void {
    const { store, clock, reference } = this.deps;
    const path = this.#path!;
    this.#seen = fingerprint(path);
    let text = "";
    try {
      text = readText(path);
      const parsed = parseDeclaration(text, formatOf(path), reference);
      if ("faults" in parsed) {
        this.#faults = parsed.faults;
        return;
      }
      this.#applying = true;
      const marks = store.atOnce(() => {
        const after = applyDeclaration(this.deps, parsed.declaration, this.#marks);
        saveValue(store, "declared", "marks", isEmpty(after) ? undefined : after);
        return after;
      });
      this.#marks = marks;
      this.#faults = [];
      this.#appliedAt = clock.now();
    } catch (error) {
      this.#faults = [faultOf(error, text, formatOf(path))];
    } finally {
      this.#applying = false;
    }
  }

  #words(): string {
    const lines = this.#faults.map(({ line, path, message }) =>
      [line === undefined ? undefined : `line ${line}`, path || undefined, message]
        .filter((word) => word !== undefined)
        .join(": ")
        .replace(/\.$/, ""),
    );
    return `${this.#path ?? "The configuration file"} is not in force. ${lines.join("; ")}.`;
  }

  #refuse(changes: readonly RowChange[]): void {
    if (this.#applying) return;
    const found = changes.find(({ entity, key }) => isDeclared(this.#marks, entity, key));
    if (!found) return;
    const row = found.after ?? found.before ?? {};
    const name = found.entity === "key_value" ? found.key[1] : (row.name ?? row.pattern ?? found.key[0]);
    throw new GatewayError(
      "conflict",
      `${String(name)} is declared in ${this.#path ?? "the configuration file"}: change it there.`,
    );
  }
}

function faultOf(error: unknown, text: string, format: FileFormat): FileFault {
  const message = error instanceof Error ? error.message : String(error);
  if (!(error instanceof Misfit)) return { path: "", message };
  const line = lineOf(text, format, error.path);
  return { path: error.path.join("."), message, ...(line !== undefined && { line }) };
}

const LISTS: { readonly [table: string]: "connections" | "nodes" | "combos" | "keyGroups" | "keys" } = {
  provider_connections: "connections",
  provider_nodes: "nodes",
  combos: "combos",
  key_groups: "keyGroups",
  api_keys: "keys",
};

function isDeclared(marks: Marks, entity: string, key: readonly string[]): boolean {
  const list = LISTS[entity];
  if (list) return Object.values(marks[list]).includes(key[0]!);
  if (entity === "aliases") return marks.aliases.includes(key[0]!);
  return entity === "key_value" && key[0] === "settings" && marks.settings.includes(key[1]!);
}

function readMarks(store: Store): Marks {
  const kept = readValue(store, "declared", "marks");
  return isObject(kept) ? { ...NO_MARKS, ...(kept as Partial<Marks>) } : NO_MARKS;
}

const isEmpty = (marks: Marks): boolean =>
  Object.values(marks).every((part) => Object.keys(part).length === 0);

export const formatOf = (path: string): FileFormat => (/^\.ya?ml$/i.test(extname(path)) ? "yaml" : "toml");

function readText(path: string): string {
  const found = statSync(path, { throwIfNoEntry: false });
  if (!found)
    throw new GatewayError("not_found", "The file is gone; what it declared stays until the next start.");
  if (!found.isFile()) throw badRequest(`${path} is no file.`);
  if (found.size > LARGEST_BYTES) throw new GatewayError("too_large", `${path} is larger than 4 MB.`);
  return readFileSync(path, "utf8");
}

/** Changes whenever the file does, also when an editor puts another one in its place. */
function fingerprint(path: string): string {
  const found = statSync(path, { throwIfNoEntry: false });
  return found ? `${found.ino} ${found.size} ${found.mtimeMs}` : "gone";
}
