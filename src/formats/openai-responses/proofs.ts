import { openProof, readProof, slotValue } from "../../core/envelope.ts";
import type { EncodeContext } from "../../core/format.ts";
import type { Part, Proof } from "../../core/reply.ts";
import { ID } from "./wire.ts";

type Reasoning = Extract<Part, { type: "reasoning" }>;

/** Behind an envelope, this says that the vendor had withheld the text. Not a character that base64url knows. */
const REDACTED = "~redacted";

/** What an `encrypted_content` holds: this format's own proof, or an unwrapped one of another. */
export function readSlot(value: string | undefined, maker: string): { proof?: Proof; redacted?: true } {
  if (!value) return {};
  const redacted = value.endsWith(REDACTED);
  const text = redacted ? value.slice(0, -REDACTED.length) : value;
  if (redacted && !openProof(text)) return { proof: { format: ID, maker, value } };
  const proof = readProof(ID, text);
  if (!proof) return {};
  return {
    proof: proof.maker === "" ? { ...proof, maker } : proof,
    ...(redacted && { redacted }),
  };
}

/** What to write into `encrypted_content` for a client. */
export function writeSlot(
  part: Reasoning,
  proof: Proof,
  context: Pick<EncodeContext, "sealProof" | "sealOwn">,
): string {
  const value = slotValue(ID, proof, context);
  return part.redacted && proof.format !== ID ? value + REDACTED : value;
}
