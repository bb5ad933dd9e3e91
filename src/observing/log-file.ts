import { appendFile, chmod, mkdir, open, rename, rm, stat } from "node:fs/promises";
import { dirname } from "node:path";
import type { Clock } from "../lib/clock.ts";

export type LogFileOptions = {
  /** Absolute path. Its directory is made where it is missing. */
  path: string;
  /** A file that has grown to this size is put aside as `path.1`, that one as `path.2` and so on. */
  maxBytes: number;
  /** Older lines go, as far as whole files can. */
  retentionDays: number;
  clock: Clock;
  /** Called at the first of a series of failures. */
  onTrouble(error: unknown): void;
};

const MOST_FILES = 5;
const FLUSH_EVERY_MS = 200;
const RETRY_AFTER_MS = 10_000;
const MOST_WAITING_CHARACTERS = 4 * 1024 * 1024;
const BATCH_CHARACTERS = 256 * 1024;
const DAY_MS = 86_400_000;

/**
 * Writes lines to a file behind everybody's back. What the disk does not take in time is dropped and counted; the
 * lines go on in the next file when one is full or holds the share of the retention time that is one file's.
 */
export class LogFile {
  readonly #options: LogFileOptions;
  #waiting: string[] = [];
  #characters = 0;
  #size: number | undefined;
  #begun = 0;
  #working: Promise<void> | undefined;
  #cancel: (() => void) | undefined;
  #inTrouble = false;
  #closed = false;
  /** Lines that were lost, since the start. */
  dropped = 0;

  constructor(options: LogFileOptions) {
    this.#options = options;
  }

  /** Takes one line without a line end; never waits. */
  add(line: string): void {
    if (this.#closed || this.#characters + line.length > MOST_WAITING_CHARACTERS) {
      this.dropped++;
      return;
    }
    this.#waiting.push(line);
    this.#characters += line.length;
    if (this.#working === undefined) this.#cancel ??= this.#options.clock.after(FLUSH_EVERY_MS, this.#begin);
  }

  /** Writes what waits and takes no more. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#working;
    if (this.#waiting.length > 0) await this.#write();
  }

  readonly #begin = (): void => {
    this.#cancel?.();
    this.#cancel = undefined;
    this.#working = this.#write().finally(() => {
      this.#working = undefined;
      if (this.#waiting.length > 0 && !this.#closed)
        this.#cancel ??= this.#options.clock.after(
          this.#inTrouble ? RETRY_AFTER_MS : FLUSH_EVERY_MS,
          this.#begin,
        );
    });
  };

  /** Writes until nothing waits or the disk refuses; then the lines stay for the next try. Never rejects. */
  async #write(): Promise<void> {
    this.#cancel?.();
    this.#cancel = undefined;
    try {
      while (this.#waiting.length > 0) {
        await this.#prepare();
        const count = batchLength(this.#waiting);
        const text = `${this.#waiting.slice(0, count).join("\n")}\n`;
        await appendFile(this.#options.path, text, { mode: 0o600 });
        this.#waiting.splice(0, count);
        this.#characters -= text.length - count;
        this.#size = (this.#size ?? 0) + Buffer.byteLength(text);
      }
      this.#inTrouble = false;
    } catch (error) {
      this.#size = undefined;
      if (!this.#inTrouble) this.#options.onTrouble(error);
      this.#inTrouble = true;
    }
  }

  /** Makes sure that the file is there, ours alone, and neither full nor too old. */
  async #prepare(): Promise<void> {
    const { clock, maxBytes, path, retentionDays } = this.#options;
    if (this.#size === undefined) {
      await mkdir(dirname(path), { recursive: true, mode: 0o700 });
      await removeOld(path, clock.now() - retentionDays * DAY_MS);
      const found = await stat(path).catch(() => undefined);
      if (found) await chmod(path, 0o600);
      this.#size = found?.size ?? 0;
      this.#begun = found ? await firstTime(path, clock.now()) : clock.now();
    }
    const isOld = clock.now() - this.#begun > (retentionDays * DAY_MS) / MOST_FILES;
    if (this.#size === 0 || (this.#size < maxBytes && !isOld)) return;
    await rotate(path);
    await removeOld(path, clock.now() - retentionDays * DAY_MS);
    this.#size = 0;
    this.#begun = clock.now();
  }
}

function batchLength(lines: readonly string[]): number {
  let characters = 0;
  const end = lines.findIndex((line) => (characters += line.length) > BATCH_CHARACTERS);
  return end < 0 ? lines.length : Math.max(1, end);
}

async function rotate(path: string): Promise<void> {
  await rm(`${path}.${MOST_FILES - 1}`, { force: true });
  for (let number = MOST_FILES - 2; number >= 0; number--) {
    await rename(number === 0 ? path : `${path}.${number}`, `${path}.${number + 1}`).catch(ignoreMissing);
  }
}

/** Takes out the files whose last line was written before a time. */
async function removeOld(path: string, oldest: number): Promise<void> {
  for (let number = 0; number < MOST_FILES; number++) {
    const file = number === 0 ? path : `${path}.${number}`;
    const found = await stat(file).catch(() => undefined);
    if (found && found.mtimeMs < oldest) await rm(file, { force: true });
  }
}

/** When the first line of a file was written; `otherwise` when it does not say. */
async function firstTime(path: string, otherwise: number): Promise<number> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(64), 0, 64, 0);
    const [, time] = /^\{"time":"([^"]+)"/.exec(buffer.toString("latin1", 0, bytesRead)) ?? [];
    const at = Date.parse(time ?? "");
    return Number.isNaN(at) ? otherwise : at;
  } finally {
    await file.close();
  }
}

function ignoreMissing(error: unknown): void {
  if ((error as { code?: string }).code !== "ENOENT") throw error;
}
