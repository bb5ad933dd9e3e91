import { slotValue } from "../../core/envelope.ts";
import type { EncodeContext } from "../../core/format.ts";
import type { Part } from "../../core/reply.ts";
import type { Fields } from "./wire.ts";

/** Thinking as a client of this wire gives it back; nothing when there is neither text nor proof. */
export function thoughtBlock(
  part: Extract<Part, { type: "reasoning" }>,
  context: EncodeContext,
): Fields | undefined {
  const signature = slotText(part, context);
  if (part.redacted) return signature === "" ? undefined : { type: "redacted_thinking", data: signature };
  if (part.text === "" && signature === "") return undefined;
  return { type: "thinking", thinking: part.text, signature };
}

/**
 * The blocks that carry the proof of a part without a slot of its own (Gemini signs calls and texts): an empty
 * thinking block goes before its part, a redacted one after it. `readContent` puts the proof back.
 */
export function proofBlock(
  part: Part,
  context: EncodeContext,
): { before: Fields; after: Fields } | undefined {
  if (part.proof?.format !== "gemini") return undefined;
  const sealed = slotText(part, context);
  return {
    before: { type: "thinking", thinking: "", signature: sealed },
    after: { type: "redacted_thinking", data: sealed },
  };
}

/** What stands in the slot for proofs; "" for none. */
export function slotText({ proof }: { proof?: Part["proof"] }, context: EncodeContext): string {
  return proof ? slotValue("anthropic", proof, context) : "";
}
