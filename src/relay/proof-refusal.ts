import { TargetFailure } from "../core/errors.ts";
import type { Part } from "../core/reply.ts";
import type { ChatRequest } from "../core/request.ts";

/**
 * How vendors say that they do not take a proof, or miss one: Anthropic "Invalid `signature` in `thinking` block",
 * "signature: Field required", "Expected `thinking` or `redacted_thinking`, but found `tool_use`"; OpenAI "The
 * encrypted content … could not be verified", "Item with id 'rs_…' not found"; Gemini "missing a thought_signature"
 * or "thought signature is not valid".
 */
const REFUSALS = [
  /invalid.{0,20}signature/i,
  /signature.{0,80}(?:invalid|not valid|expired|mismatch)/i,
  /encrypted[ _]content.{0,120}(?:could not be|cannot be|invalid|not be verified|decrypt)/i,
  /thought[ _]signature/i,
  /signature: (?:field required|input should be)/i,
  /expected .?thinking.? or .?redacted_thinking/i,
  /\bitem with id .?rs_.{0,120}not found/i,
];

/** Did the provider refuse the request because of a proof in its history? */
export function isProofRefusal(error: unknown): boolean {
  if (!(error instanceof TargetFailure)) return false;
  if (error.kind !== "rejected" && error.kind !== "unsupported") return false;
  return REFUSALS.some((refusal) => refusal.test(error.message));
}

/** The request without any proof, and without reasoning that would mean nothing unproved. */
export function withoutProofs(request: ChatRequest): ChatRequest {
  return {
    ...request,
    messages: request.messages.map((message) => ({
      ...message,
      parts: message.parts.flatMap((part): Part[] => {
        if (part.type !== "reasoning") return [part.proof ? bare(part) : part];
        // Without its vendor's fields it is nobody's, and is written only where thoughts need no proof.
        return part.redacted || part.text === "" ? [] : [{ type: "reasoning", text: part.text }];
      }),
    })),
  };
}

function bare(part: Part): Part {
  const { proof: _proof, ...rest } = part;
  return rest as Part;
}
