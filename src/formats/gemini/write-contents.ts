import { STRAY_RESULT } from "../../core/lost-calls.ts";
import { proofFits } from "../../core/envelope.ts";
import type { Loss, TargetModel } from "../../core/format.ts";
import type { Part } from "../../core/reply.ts";
import type { Message } from "../../core/request.ts";
import type { ToolNames } from "../../core/tool-names.ts";
import { FREE_TEXT_FIELD } from "../../core/free-text.ts";
import { isObject, type JsonObject, tryParseJson } from "../../lib/json.ts";
import { writeMedia } from "./parts.ts";
import { isSignatureNeeded, SignatureCarrier } from "./signature-carrier.ts";
import { matchResults, type Result, writeResults } from "./write-results.ts";
import { isMadeId, type WireContent, type WirePart } from "./wire.ts";

type ToolCall = Extract<Part, { type: "tool-call" }>;

/** What writing a history needs to know, and where it tells what was left out. */
export type HistoryContext = { target: TargetModel; toolNames: ToolNames; losses: Loss[] };

/**
 * Writes a conversation as contents: user and model take turns, a user begins, and every turn with calls is followed
 * by one content with as many results, in the order of the calls.
 */
export function writeContents(messages: readonly Message[], context: HistoryContext): WireContent[] {
  const { resultOf, claimed } = matchResults(messages);
  const contents = new Contents();
  for (const message of messages) {
    if (message.role === "assistant") {
      contents.add("model", writeModelTurn(message, context));
      const calls = message.parts.filter((part) => part.type === "tool-call");
      if (calls.length > 0) contents.add("user", writeResults(calls, resultOf, context));
    } else {
      const parts = message.parts.filter((part) => !claimed.has(part));
      const said = parts.flatMap((part) => writeUserPart(part, context));
      contents.add("user", message.role === "system" ? said.map(asInstruction) : said);
    }
  }
  return contents.list();
}

class Contents {
  readonly #contents: WireContent[] = [];

  /** Adds parts to the conversation; one speaker's parts in a row are one content. */
  add(role: WireContent["role"], parts: WirePart[]): void {
    if (parts.length === 0) return;
    const last = this.#contents.at(-1);
    if (last?.role === role) last.parts.push(...parts);
    else this.#contents.push({ role, parts: [...parts] });
  }

  list(): WireContent[] {
    if (this.#contents[0]?.role === "model")
      this.#contents.unshift({
        role: "user",
        parts: [{ text: "(The conversation begins with an answer.)" }],
      });
    return this.#contents;
  }
}

/** Gemini has one place for instructions, before the conversation; later ones keep their place as marked text. */
const asInstruction = (part: WirePart): WirePart =>
  part.text === undefined ? part : { ...part, text: `<system>\n${part.text}\n</system>` };

function writeUserPart(part: Part, context: HistoryContext): WirePart[] {
  switch (part.type) {
    case "text":
    case "refusal":
      return part.text === "" ? [] : [{ text: part.text, ...part.vendor?.gemini }];
    case "media":
      return writeFile(part, context);
    case "tool-result":
      return writeOrphan(part, context);
    case "other":
      return part.vendor?.gemini ? [{ ...part.vendor.gemini }] : [];
    case "reasoning":
    case "tool-call":
      return [];
  }
}

/** Writes a file, or notes that it stays behind. */
function writeFile(part: Extract<Part, { type: "media" }>, context: HistoryContext): WirePart[] {
  const written = writeMedia(part);
  if (written) return [written];
  context.losses.push({ what: `${part.kind} input`, why: "the file is kept at another vendor" });
  return [];
}

/** A result without its call would be refused as a result, but what it says may matter. */
function writeOrphan(part: Result, context: HistoryContext): WirePart[] {
  const output = part.output.flatMap((piece) => writeUserPart(piece, context));
  if (output.length === 0) return [];
  return [{ text: STRAY_RESULT }, ...output];
}

function writeModelTurn(message: Message, context: HistoryContext): WirePart[] {
  const { target } = context;
  const signatures = new SignatureCarrier();
  const written: WirePart[] = [];
  let firstCall = isSignatureNeeded(target);
  for (const part of message.parts) {
    const own = part.proof && proofFits(part.proof, "gemini", target.maker) ? part.proof.value : undefined;
    switch (part.type) {
      case "reasoning":
        written.push(...signatures.reasoning(part, own));
        break;
      case "text":
      case "refusal":
        written.push(...signatures.rest());
        if (part.text !== "" || own) written.push(signed({ text: part.text, ...part.vendor?.gemini }, own));
        break;
      case "tool-call": {
        const signature = signatures.forCall(own, firstCall);
        firstCall = false;
        written.push(signed(writeCall(part, context.toolNames), signature));
        break;
      }
      case "media":
        written.push(...writeFile(part, context).map((file) => signed(file, own)));
        break;
      case "other":
        if (part.vendor?.gemini) written.push(signed({ ...part.vendor.gemini }, own));
        break;
      case "tool-result":
        break;
    }
  }
  return [...written, ...signatures.rest()];
}

const signed = (part: WirePart, signature: string | undefined): WirePart =>
  signature === undefined ? part : { ...part, thoughtSignature: signature };

function writeCall(call: ToolCall, toolNames: ToolNames): WirePart {
  return {
    functionCall: {
      ...(!isMadeId(call.id) && { id: call.id }),
      name: toolNames.toWire(call.name, call.namespace),
      args: writeArgs(call),
    },
    ...call.vendor?.gemini,
  };
}

/** Arguments as the object Gemini wants: free text and broken JSON become its one field. */
export function writeArgs(call: ToolCall): JsonObject {
  if (call.freeText) return { [FREE_TEXT_FIELD]: call.input };
  if (call.input.trim() === "") return {};
  const args = tryParseJson(call.input);
  return isObject(args) ? args : { [FREE_TEXT_FIELD]: args ?? call.input };
}
