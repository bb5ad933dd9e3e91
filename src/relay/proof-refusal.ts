import { TargetFailure } from "../core/errors.ts";
import type { Part } from "../core/reply.ts";
import type { ChatRequest } from "../core/request.ts";

/**
 * How vendors say that they do not take a proof: Anthropic "Invalid `signature` in `thinking` block", OpenAI "The
 * encrypted content … could not be verified", Gemini "missing a thought_signature" or "thought signature is not
 * valid".
 */
const REFUSALS = [
  /invalid.{0,20}signature/i,
  /signature.{0,80}(?:invalid|not valid|expired|mismatch)/i,
  /encrypted[ _]content.{0,120}(?:could not be|cannot be|invalid|not be verified|decrypt)/i,
  /thought[ _]signature/i,
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
        if (part.type === "reasoning" && part.proof)
          return part.redacted || part.text === "" ? [] : [bare(part)];
        return [part.proof ? bare(part) : part];
      }),
    })),
  };
}

function bare(part: Part): Part {
  const { proof: _proof, ...rest } = part;
  return rest as Part;
}
