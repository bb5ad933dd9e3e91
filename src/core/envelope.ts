import { FORMAT_IDS, type FormatId, type Proof } from "./reply.ts";

/**
 * How a foreign proof is marked when it rides in a client's own slot: "omniroute 1:" in base64. The whole envelope is
 * plain base64, because Google's Python and Go SDKs decode what stands in theirs.
 */
const MARK = "b21uaXJvdXRlIDE6";

/**
 * Puts a proof of one format into text that fits another format's slot. It comes back from the client unchanged and
 * is opened by `openProof`.
 */
export function sealProof(proof: Proof): string {
  const fields = [proof.format, proof.maker, proof.value, ...(proof.redacted ? [true] : [])];
  return MARK + Buffer.from(JSON.stringify(fields)).toString("base64");
}

/** Opens an envelope; undefined when the text is none (a genuine vendor proof, or rubbish). */
export function openProof(text: string): Proof | undefined {
  if (!text.startsWith(MARK)) return undefined;
  try {
    const fields: unknown = JSON.parse(Buffer.from(text.slice(MARK.length), "base64").toString());
    if (!Array.isArray(fields)) return undefined;
    const [format, maker, value, redacted] = fields as unknown[];
    if (typeof maker !== "string" || typeof value !== "string") return undefined;
    if (!FORMAT_IDS.includes(format as FormatId)) return undefined;
    return { format: format as FormatId, maker, value, ...(redacted === true && { redacted }) };
  } catch {
    return undefined;
  }
}

/** The text every envelope begins with, for a quick look into raw bytes. */
export const ENVELOPE_MARK = MARK;

/**
 * The proof found in a slot of `format`: an opened envelope, or the genuine value, whose maker nobody wrote down.
 */
export function readProof(format: FormatId, value: unknown): Proof | undefined {
  if (typeof value !== "string" || value === "") return undefined;
  return openProof(value) ?? { format, maker: "", value };
}

/** What to write into a client's slot of `format`: its vendor's own proof as it is, any other inside an envelope. */
export function slotValue(
  format: FormatId,
  proof: Proof,
  context: { sealProof(proof: Proof): string; sealOwn?: boolean },
): string {
  return proof.format === format && !context.sealOwn ? proof.value : context.sealProof(proof);
}

/**
 * May this proof go to a target? Only to the format that made it, and to the same maker's model family. A genuine
 * proof without a maker (a client's own, never translated) goes to its format; the vendor decides.
 */
export function proofFits(proof: Proof, format: FormatId, maker: string): boolean {
  if (proof.format !== format) return false;
  return proof.maker === "" || makerFamily(proof.maker) === makerFamily(maker);
}

/** `anthropic/claude-sonnet-4-5-20250929` and `anthropic/claude-sonnet-4-5` are one family. */
function makerFamily(maker: string): string {
  return maker.toLowerCase().replace(/[-@](?:\d{8}|\d{4}-\d{2}-\d{2}|latest|preview)$/g, "");
}
