import type { TargetModel } from "../../core/format.ts";
import type { Part } from "../../core/reply.ts";
import { generationOf, SKIP_SIGNATURE, type WirePart } from "./wire.ts";

/** Gemini 3 and later refuse a turn whose first call is not signed. */
export function isSignatureNeeded(target: TargetModel): boolean {
  return (generationOf(target.id) ?? 0) >= 3;
}

/**
 * Gives each part of a model turn its signature. One that stands alone, on withheld thoughts, waits for a call
 * behind it that has none: a client with a slot for thoughts only could not give it back in any other way.
 */
export class SignatureCarrier {
  #carried: string | undefined;

  /** Thoughts go back only with Gemini's own signature. `own`: the one that fits the target. */
  reasoning(part: Extract<Part, { type: "reasoning" }>, own: string | undefined): WirePart[] {
    if (own === undefined) return [];
    if (part.text !== "") return [{ text: part.text, thought: true, thoughtSignature: own }];
    const before = this.rest();
    this.#carried = own;
    return before;
  }

  /** The signature for a call: its own, a carried one, or the stand-in where one is needed. */
  forCall(own: string | undefined, needed: boolean): string | undefined {
    if (own !== undefined) return own;
    return this.#take() ?? (needed ? SKIP_SIGNATURE : undefined);
  }

  /** A signature that found no call goes on an empty text, as Gemini itself sends it. */
  rest(): WirePart[] {
    const signature = this.#take();
    return signature === undefined ? [] : [{ text: "", thoughtSignature: signature }];
  }

  #take(): string | undefined {
    const signature = this.#carried;
    this.#carried = undefined;
    return signature;
  }
}
