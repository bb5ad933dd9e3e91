import type { FormatId } from "../../../src/core/reply.ts";
import { sha256 } from "../../../src/lib/ids.ts";

/** What a model does in one answer. */
export type Beat = {
  thought?: string;
  /** The vendor shows nothing of the thought, only a proof of it. */
  withheld?: boolean;
  text?: string;
  /** `input`: the arguments as the model writes them. */
  calls: { name: string; input: string }[];
};

/** A wire object of whatever format; read with care by those who know it. */
export type Wire = any;

/** How one vendor checks what it is sent, and how it says an answer. */
export interface Rules {
  readonly format: FormatId;
  /** Proofs of this vendor's own that did not come back, where it lets that pass. */
  readonly lost: string[];
  /** Why the vendor refuses this body, in its own words; undefined when it does not. */
  refusal(body: Wire, account: string): string | undefined;
  /** The 400 body around a refusal. */
  refuse(message: string): object;
  /** The beat as a whole answer and as the data of a stream's events; remembers the proofs it issues. */
  answer(beat: Beat, turn: number, account: string): { whole: object; events: Wire[] };
}

/** A proof as vendors make them: opaque, long, in base64, and another one each time. */
export const makeProof = (...seed: (string | number)[]): string =>
  Buffer.from(sha256(seed.join("\u0000")).repeat(3)).toString("base64");

/** Text in pieces, some of them cut inside a character. */
export function pieces(text: string, size = 7): string[] {
  const cut: string[] = [];
  for (let at = 0; at < text.length; at += size) cut.push(text.slice(at, at + size));
  return cut;
}
