import type { Clock } from "../lib/clock.ts";
import type { Prompt } from "./prompt-prints.ts";

/** A prompt as it was sent: its elements' JSON, each with a line end behind it. */
export type PromptText = { names: readonly string[]; bytes: Buffer };

type Kept = { keyId: string; at: number; names: readonly string[]; bytes: Uint8Array; isPacked: boolean };

const MOST_BYTES = 16 * 1024 * 1024;
const LARGEST = 4 * 1024 * 1024;
/** No provider's cache that people pay for by the token is much older. */
const LONGEST_MS = 3_600_000;

/**
 * The words of conversations' last turns, where somebody wants to see what broke a prompt. They are never written
 * anywhere: at most 16 MB, packed, for an hour; the one unused for longest gives way first.
 */
export class PromptWords<Turn extends object> {
  /** The least recently used first. */
  readonly #kept = new Map<Turn, Kept>();
  #bytes = 0;
  #cancel: (() => void) | undefined;

  constructor(readonly clock: Clock) {}

  get bytes(): number {
    return this.#bytes;
  }

  keep(turn: Turn, keyId: string, { names, bytes }: PromptText): void {
    if (bytes.length > LARGEST) return;
    this.#put(turn, { keyId, at: this.clock.now(), names, bytes, isPacked: false });
    this.#cancel ??= this.clock.after(LONGEST_MS, this.#forgetOld);
    void this.#pack(turn, bytes);
  }

  /** What was kept of a turn; it is forgotten. */
  async take(turn: Turn): Promise<PromptText | undefined> {
    const kept = this.#kept.get(turn);
    if (!kept) return undefined;
    this.forget(turn);
    const { names, bytes, isPacked } = kept;
    if (!isPacked) return { names, bytes: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength) };
    return { names, bytes: await Bun.zstdDecompress(bytes) };
  }

  forget(turn: Turn): void {
    const kept = this.#kept.get(turn);
    if (!kept) return;
    this.#bytes -= kept.bytes.length;
    this.#kept.delete(turn);
  }

  forgetKey(keyId: string): void {
    for (const [turn, kept] of this.#kept) if (kept.keyId === keyId) this.forget(turn);
  }

  clear(): void {
    this.#kept.clear();
    this.#bytes = 0;
    this.#cancel?.();
    this.#cancel = undefined;
  }

  /** Beside the event loop; whoever asks before gets the words as they are. */
  async #pack(turn: Turn, bytes: Buffer): Promise<void> {
    const packed = await Bun.zstdCompress(bytes, { level: 1 });
    const kept = this.#kept.get(turn);
    if (kept?.bytes !== bytes || packed.length >= bytes.length) return;
    kept.bytes = packed;
    kept.isPacked = true;
    this.#bytes -= bytes.length - packed.length;
  }

  #put(turn: Turn, kept: Kept): void {
    this.forget(turn);
    this.#kept.set(turn, kept);
    this.#bytes += kept.bytes.length;
    for (const oldest of this.#kept.keys()) {
      if (this.#bytes <= MOST_BYTES) return;
      this.forget(oldest);
    }
  }

  readonly #forgetOld = (): void => {
    this.#cancel = undefined;
    const now = this.clock.now();
    for (const [turn, { at }] of this.#kept) {
      if (now - at >= LONGEST_MS) this.forget(turn);
      else {
        this.#cancel = this.clock.after(at + LONGEST_MS - now, this.#forgetOld);
        return;
      }
    }
  };
}

/** A prompt's words, cache marks included. */
export function wordsOf({ elements }: Prompt): PromptText {
  return {
    names: elements.map(({ name }) => name),
    bytes: Buffer.from(elements.map(({ value }) => `${JSON.stringify(value)}\n`).join("")),
  };
}
