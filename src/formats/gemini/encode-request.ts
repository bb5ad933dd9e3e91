import type { EncodedRequest, Loss, TargetModel } from "../../core/format.ts";
import { refuseKeptElsewhere } from "../../core/kept-elsewhere.ts";
import type { Quirks } from "../../core/quirks.ts";
import type { ChatRequest, Message } from "../../core/request.ts";
import { ToolNames } from "../../core/tool-names.ts";
import type { JsonObject } from "../../lib/json.ts";
import { enveloped } from "./envelope.ts";
import { writeGenerationConfig } from "./write-config.ts";
import { writeContents } from "./write-contents.ts";
import { NAME_RULE, writeToolConfig, writeTools } from "./write-tools.ts";
import type { WireContent, WirePart } from "./wire.ts";

/**
 * Writes the body of a `generateContent` call; model and streaming belong in the path. Throws `unsupported` for a
 * forced tool that Gemini cannot run and for a conversation that another provider keeps.
 */
export function encodeRequest(request: ChatRequest, target: TargetModel, quirks: Quirks): EncodedRequest {
  refuseKeptElsewhere(request);
  const losses: Loss[] = [];
  const toolNames = new ToolNames(request.tools, NAME_RULE);
  const { tools, dropped } = writeTools(request.tools ?? [], toolNames, quirks, losses);
  const body: JsonObject = {
    ...request.vendor?.gemini,
    ...writeConversation(request, target, quirks, toolNames, losses),
    tools: tools.length > 0 ? tools : undefined,
    toolConfig: writeToolConfig(request, toolNames, dropped),
    generationConfig: writeGenerationConfig(request, target, quirks, losses),
  };
  for (const field of SILENTLY_LOST)
    if (request[field] !== undefined)
      losses.push({ what: field, why: "Gemini has no such setting", silent: true });
  return { body: enveloped(applyQuirks(body, quirks), target, quirks), toolNames, losses };
}

const SILENTLY_LOST = [
  "parallelToolCalls",
  "verbosity",
  "serviceTier",
  "user",
  "metadata",
  "promptCacheKey",
] as const;

type Conversation = { systemInstruction?: { parts: WirePart[] }; contents: WireContent[] };

function writeConversation(
  request: ChatRequest,
  target: TargetModel,
  quirks: Quirks,
  toolNames: ToolNames,
  losses: Loss[],
): Conversation {
  const begin = request.messages.findIndex((message) => message.role !== "system");
  const leading = begin < 0 ? request.messages : request.messages.slice(0, begin);
  const instructions = leading.flatMap(writeInstructions);
  const contents = writeContents(begin < 0 ? [] : request.messages.slice(begin), {
    target,
    toolNames,
    losses,
  });
  if (contents.length === 0 && begin >= 0) contents.push({ role: "user", parts: [{ text: "" }] });
  const asUser = quirks.systemAsUser || contents.length === 0;
  if (!asUser || instructions.length === 0)
    return { ...(instructions.length > 0 && { systemInstruction: { parts: instructions } }), contents };
  const [first, ...others] = contents;
  return { contents: [{ role: "user", parts: [...instructions, ...(first?.parts ?? [])] }, ...others] };
}

function writeInstructions(message: Message): WirePart[] {
  return message.parts.flatMap((part): WirePart[] =>
    part.type === "text" && part.text !== "" ? [{ text: part.text }] : [],
  );
}

function applyQuirks(body: JsonObject, quirks: Quirks): JsonObject {
  const config = body["generationConfig"] as JsonObject | undefined;
  const written: JsonObject = {};
  for (const [name, value] of Object.entries(body)) {
    if (value === undefined || quirks.drop?.includes(name)) continue;
    written[quirks.rename?.[name] ?? name] = value;
  }
  if (!config || !quirks.drop) return written;
  const kept = Object.entries(config).filter(([name]) => !quirks.drop?.includes(name));
  return { ...written, ...("generationConfig" in written && { generationConfig: Object.fromEntries(kept) }) };
}
