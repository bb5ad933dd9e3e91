import { openProof } from "../../core/envelope.ts";
import type { EncodeContext } from "../../core/format.ts";
import type { Part } from "../../core/reply.ts";
import type { ChatRequest, Message } from "../../core/request.ts";
import { bagOf, ID, withBag } from "./wire.ts";

/**
 * A client that runs out of room (Codex with its built-in provider) ends its input with a `compaction_trigger`, and
 * takes exactly one `compaction` item as the answer, which stands for the history from then on. OpenAI does that
 * itself; any other model is asked for a summary in words, and the words travel in the item's opaque slot.
 * https://developers.openai.com/api/docs/guides/compaction
 */
const TRIGGER = "compaction_trigger";
const COMPACTION = "compaction";

const ASK = [
  "Stop here and write a summary of this conversation. It will take the place of everything above: whoever goes on",
  "with the work sees your summary and nothing else. Say what the user wants and in which words, what was decided and",
  "why, what has been done and what came of it, which files, commands, names and values matter (exactly as they are",
  "written), what is still open, and what the next step is. Answer with the summary alone and call no tools.",
].join(" ");
const TOLD = "This is a summary of the conversation so far. Go on from it.";

/** The turn that stands for a `compaction_trigger`. */
export function summaryTurn(): Message {
  return { role: "user", parts: [{ type: "text", text: ASK, ...withBag({ item: { type: TRIGGER } }) }] };
}

/** Does the client want a `compaction` item for an answer? */
export const asksForSummary = ({ messages }: Pick<ChatRequest, "messages">): boolean =>
  messages.some(({ parts }) => parts.some(isTrigger));

/** The trigger itself, which only a provider that compacts by itself can be sent. */
export const isTrigger = (part: Part): boolean => bagOf(part)?.item?.["type"] === TRIGGER;

/** Who made a summary, as the envelope says it. */
const MAKER = "omniroute/summary";

/** The turn that stands for a `compaction` item made here; undefined for a vendor's own, which only that one can read. */
export function readSummary(content: string | undefined): Message | undefined {
  const opened = content === undefined ? undefined : openProof(content);
  if (opened?.maker !== MAKER) return undefined;
  return { role: "user", parts: [{ type: "text", text: `${TOLD}\n\n${opened.value}` }] };
}

/** An answer as the one item that was asked for; empty when the model said nothing. */
export function asCompaction(parts: readonly Part[], context: EncodeContext): Part[] {
  const own = parts.find((part) => bagOf(part)?.item?.["type"] === COMPACTION);
  if (own) return [own];
  const summary = parts
    .flatMap((part) => (part.type === "text" ? [part.text] : []))
    .join("\n\n")
    .trim();
  if (summary === "") return [];
  const encrypted_content = context.sealProof({ format: ID, maker: MAKER, value: summary });
  return [{ type: "other", ...withBag({ item: { type: COMPACTION, encrypted_content } }) }];
}
