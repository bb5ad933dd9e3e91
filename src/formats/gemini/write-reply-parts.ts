import { slotValue } from "../../core/envelope.ts";
import type { EncodeContext } from "../../core/format.ts";
import type { Part, Proof } from "../../core/reply.ts";
import { isObject, tryParseJson } from "../../lib/json.ts";
import { writeMedia } from "./parts.ts";
import { writeArgs } from "./write-contents.ts";
import { isCarried, type WirePart } from "./wire.ts";

type Reasoning = Extract<Part, { type: "reasoning" }>;

/**
 * Writes the parts of an answer for a client. Gemini's own signatures stand where Gemini put them. The proof of
 * another vendor's reasoning goes, sealed, on the part behind the thoughts: clients drop thoughts from their history.
 */
export class ReplyParts {
  #waiting: string | undefined;

  constructor(readonly context: EncodeContext) {}

  /** A part that is complete. */
  whole(part: Part): WirePart[] {
    switch (part.type) {
      case "text":
      case "refusal": {
        const own = part.proof && this.#slot(part.proof);
        if (part.text === "") return own ? [{ text: "", thoughtSignature: own }] : [];
        return this.#signed({ text: part.text, ...part.vendor?.gemini }, own);
      }
      case "reasoning":
        return [...this.thoughtsBegin(), ...this.#thoughts(part)];
      case "tool-call":
        return this.#signed(writeCall(part), part.proof && this.#slot(part.proof));
      case "media": {
        const file = writeMedia(part);
        return file ? this.#signed(file, part.proof && this.#slot(part.proof)) : [];
      }
      case "other":
        if (!part.vendor?.gemini) return [];
        return this.#signed({ ...part.vendor.gemini }, part.proof && this.#slot(part.proof));
      case "tool-result":
        return [];
    }
  }

  /** New thoughts begin: a proof still waiting belongs to those before. */
  thoughtsBegin(): WirePart[] {
    const proof = this.#take();
    return proof === undefined ? [] : [{ text: "", thought: true, thoughtSignature: proof }];
  }

  /** What follows thoughts that were already written: their signature. */
  thoughtsEnd(part: Reasoning): WirePart[] {
    const { proof } = part;
    if (!proof) return [];
    if (!isCarried(proof))
      return [{ text: "", ...(part.text !== "" && { thought: true }), thoughtSignature: this.#slot(proof) }];
    this.#waiting = this.#slot(part.redacted ? { ...proof, redacted: true } : proof);
    return [];
  }

  /** What follows text that was already written: its signature. */
  textEnd(proof: Proof | undefined): WirePart[] {
    return proof ? [{ text: "", thoughtSignature: this.#slot(proof) }] : [];
  }

  /** The proof that waits for a text part to begin. */
  forText(): string | undefined {
    return this.#take();
  }

  /** What is left when the answer ends. */
  rest(): WirePart[] {
    return this.thoughtsBegin();
  }

  #thoughts(part: Reasoning): WirePart[] {
    if (part.text === "") return this.thoughtsEnd(part);
    if (part.proof && !isCarried(part.proof))
      return [{ text: part.text, thought: true, thoughtSignature: this.#slot(part.proof) }];
    return [{ text: part.text, thought: true }, ...this.thoughtsEnd(part)];
  }

  #signed(part: WirePart, own: string | undefined): WirePart[] {
    if (own !== undefined) return [...this.thoughtsBegin(), { ...part, thoughtSignature: own }];
    const waiting = this.#take();
    return [waiting === undefined ? part : { ...part, thoughtSignature: waiting }];
  }

  #slot(proof: Proof): string {
    return slotValue("gemini", proof, this.context);
  }

  #take(): string | undefined {
    const proof = this.#waiting;
    this.#waiting = undefined;
    return proof;
  }
}

function writeCall(call: Extract<Part, { type: "tool-call" }>): WirePart {
  return { functionCall: { id: call.id, name: call.name, args: writeArgs(call) } };
}

/** Can the client run this call? Where the output limit cut the arguments it must not get them. */
export function isRunnable(call: Extract<Part, { type: "tool-call" }>): boolean {
  return call.freeText || call.input.trim() === "" || isObject(tryParseJson(call.input));
}
