import { NO_RESULT, toldAsFailure } from "../../core/lost-calls.ts";
import type { Loss, TargetModel } from "../../core/format.ts";
import { proofFits } from "../../core/envelope.ts";
import { wrapFreeText } from "../../core/free-text.ts";
import type { Quirks } from "../../core/quirks.ts";
import type { Part } from "../../core/reply.ts";
import type { ChatRequest, Message } from "../../core/request.ts";
import type { ToolNames } from "../../core/tool-names.ts";
import { isObject, tryParseJson, type JsonObject } from "../../lib/json.ts";
import { writeContent, writeText, type ContentContext } from "./content.ts";
import { settleCalls, type AnsweredCall, type Turn } from "./conversation.ts";
import { restoreEntry } from "./proofs.ts";
import { isNativeCustom } from "./tools.ts";
import { ownFields, textOf } from "./wire.ts";
import { writeImage } from "./write-message.ts";

type Wire = JsonObject & { role: string };

export type MessagesContext = {
  quirks: Quirks;
  target: TargetModel;
  names: ToolNames;
  losses: Loss[];
  /** Text to put behind the system text: the schema of an answer, where the provider has no field for it. */
  instruction: string | undefined;
};

/** Writes the conversation for a provider. */
export function encodeMessages(request: ChatRequest, context: MessagesContext): Wire[] {
  const turns = settleCalls(request.messages, context.quirks.toolCallIdPattern);
  const wire = turns.flatMap((turn) => writeTurn(turn, context));
  if (context.instruction !== undefined) instruct(wire, context.instruction);
  const placed = context.quirks.systemAsUser ? systemAsUser(wire) : wire;
  return context.quirks.assistantAfterTool ? separateToolsFromUser(placed) : placed;
}

function writeTurn({ message, calls }: Turn, context: MessagesContext): Wire[] {
  switch (message.role) {
    case "system":
      return writeSystem(message, context);
    case "user":
      return writeUser(message, context);
    case "assistant":
      return writeAssistant(message, calls, context);
  }
}

/**
 * Claude Code's first system block: a line for Anthropic's accounting that changes with the conversation. It means
 * nothing to other models and would break their prompt cache.
 */
const BILLING_LINE = /^x-anthropic-billing-header:[^\n]*(?:\n|$)/;

function writeSystem(message: Message, context: MessagesContext): Wire[] {
  const parts = message.parts.flatMap((part): Part[] => {
    if (part.type !== "text") return [part];
    const text = part.text.replace(BILLING_LINE, "");
    return text === "" ? [] : [{ ...part, text }];
  });
  const content = writeText(parts, contentContext(context));
  if (content === undefined) return [];
  const role = message.developer && context.quirks.developerRole ? "developer" : "system";
  return [{ role, content, ...speaker(message), ...ownFields(message) }];
}

function writeUser(message: Message, context: MessagesContext): Wire[] {
  const content = writeContent(message.parts, contentContext(context));
  return content === undefined ? [] : [{ role: "user", content, ...speaker(message), ...ownFields(message) }];
}

function writeAssistant(message: Message, calls: AnsweredCall[], context: MessagesContext): Wire[] {
  const { quirks } = context;
  const text = spokenText(message.parts);
  const refusal = message.parts.map((part) => (part.type === "refusal" ? part.text : "")).join("");
  // `refusal` is a field of OpenAI's own; elsewhere the model reads it as what it said.
  const said = quirks.developerRole ? text : text + refusal;
  const marked = quirks.cacheMarks ? writeText(textsOf(message.parts), contentContext(context)) : undefined;
  const assistant: Wire = {
    role: "assistant",
    content: (Array.isArray(marked) ? marked : said) || null,
    ...(quirks.developerRole && refusal !== "" && { refusal }),
    ...writeReasoning(message.parts, calls.length > 0, context),
    ...writeImages(message.parts, context),
    ...(calls.length > 0 && { tool_calls: calls.map((call) => writeCall(call, context)) }),
    ...speaker(message),
    ...ownFields(message),
  };
  const isEmpty = Object.entries(assistant).every(([field, value]) => field === "role" || value === null);
  return isEmpty ? [] : [assistant, ...writeResults(calls, context)];
}

/** Adjacent texts are pieces of one; texts with something between them were said at different times. */
function spokenText(parts: readonly Part[]): string {
  let text = "";
  let previous: Part | undefined;
  for (const part of parts) {
    if (part.type === "text" && part.text !== "") {
      const isPiece = previous?.type === "text" && previous.phase === part.phase;
      text += text === "" || isPiece ? part.text : `\n\n${part.text}`;
    }
    previous = part;
  }
  return text;
}

const textsOf = (parts: readonly Part[]): Part[] => parts.filter((part) => part.type === "text");

/**
 * Reasoning goes back only where it is asked for: as the entries the provider itself made, or as plain text to those
 * that refuse a tool loop without it. It is never put into the visible content.
 */
function writeReasoning(
  parts: readonly Part[],
  hasCalls: boolean,
  { quirks, target }: MessagesContext,
): JsonObject {
  const thoughts = parts.filter((part) => part.type === "reasoning");
  const entries = thoughts.flatMap((part) => {
    const proof = part.proof && proofFits(part.proof, "openai-chat", target.maker) ? part.proof : undefined;
    const entry = part.proof && !proof ? undefined : restoreEntry(part, proof);
    return entry ? [entry] : [];
  });
  if (entries.length > 0) return { reasoning_details: entries };
  if (!quirks.echoReasoning) return {};
  const text = thoughts.flatMap((part) => part.text || []).join("\n\n");
  return text !== "" || hasCalls ? { [quirks.reasoningField ?? "reasoning_content"]: text } : {};
}

/** Pictures that a model drew go back where answers hold them the same way. */
function writeImages(parts: readonly Part[], { quirks, losses }: MessagesContext): JsonObject {
  const images = parts.flatMap((part) => (part.type === "media" && part.kind === "image" ? [part] : []));
  if (images.length === 0) return {};
  if (quirks.reasoningControl === "openrouter") return { images: images.map(writeImage) };
  losses.push({ what: "pictures in earlier answers", why: "chat has no place for them", silent: true });
  return {};
}

function writeCall({ call, id }: AnsweredCall, { quirks, target, names }: MessagesContext): JsonObject {
  const name = names.toWire(call.name, call.namespace);
  const custom = call.freeText === true && isNativeCustom(quirks);
  const proof = call.proof && proofFits(call.proof, "openai-chat", target.maker) ? call.proof : undefined;
  const extra = proof && tryParseJson(proof.value);
  return {
    id,
    type: custom ? "custom" : "function",
    ...(custom
      ? { custom: { name, input: call.input } }
      : {
          function: {
            name,
            arguments: call.freeText ? wrapFreeText(call.input) : wholeArguments(call.input),
          },
        }),
    ...(isObject(extra) && { extra_content: extra }),
    ...ownFields(call),
  };
}

/** Providers parse the arguments of earlier calls; one that a model once wrote badly must not fail every turn. */
function wholeArguments(input: string): string {
  if (input.trim() === "") return "{}";
  return isObject(tryParseJson(input)) ? input : JSON.stringify({ arguments: input });
}

/** One tool message per call, in the order of the calls; pictures follow in a user message, where chat takes them. */
function writeResults(calls: readonly AnsweredCall[], context: MessagesContext): Wire[] {
  const shown: Part[] = [];
  const results = calls.map(({ id, result }): Wire => {
    const output = result?.output ?? [{ type: "text", text: NO_RESULT }];
    const media = output.filter((part) => part.type === "media");
    if (media.length > 0) shown.push({ type: "text", text: `Output of tool call ${id}:` }, ...media);
    const texts = output.filter((part) => part.type !== "media");
    const content =
      writeText(texts, contentContext(context)) ?? (media.length > 0 ? SEE_BELOW : "(no output)");
    return {
      role: "tool",
      tool_call_id: id,
      content: result?.failed ? asFailure(content) : content,
      ...(result && ownFields(result)),
    };
  });
  const pictures = shown.length > 0 ? writeContent(shown, contentContext(context)) : undefined;
  return pictures === undefined ? results : [...results, { role: "user", content: pictures }];
}

const SEE_BELOW = "The output is not text; it follows in the next message.";

/** Chat has no flag for a failed call. */
function asFailure(content: string | JsonObject[]): string | JsonObject[] {
  return typeof content === "string" ? toldAsFailure(content) : content;
}

function instruct(wire: Wire[], instruction: string): void {
  const system = wire.findLast((message, index) => isSystem(message) && wire.slice(0, index).every(isSystem));
  if (typeof system?.["content"] === "string") system["content"] = `${system["content"]}\n\n${instruction}`;
  else wire.unshift({ role: "system", content: instruction });
}

const isSystem = (message: Wire): boolean => message.role === "system" || message.role === "developer";

/** For models that refuse system messages: the text opens the user's message that follows. */
function systemAsUser(wire: Wire[]): Wire[] {
  const placed: Wire[] = [];
  let pending: string[] = [];
  for (const message of wire) {
    if (isSystem(message)) {
      pending.push(asString(message["content"]));
    } else if (message.role === "user" && pending.length > 0) {
      placed.push({ ...message, content: prefixed(message["content"], pending.join("\n\n")) });
      pending = [];
    } else {
      placed.push(message);
    }
  }
  if (pending.length > 0) placed.push({ role: "user", content: pending.join("\n\n") });
  return placed;
}

function prefixed(content: unknown, text: string): unknown {
  if (Array.isArray(content)) return [{ type: "text", text }, ...(content as unknown[])];
  return `${text}\n\n${asString(content)}`;
}

const asString = (content: unknown): string => {
  if (typeof content === "string") return content;
  return Array.isArray(content)
    ? content.map((part: unknown) => (isObject(part) ? textOf(part["text"]) : "")).join("\n\n")
    : "";
};

/** Mistral takes a user message behind tool results only after the assistant has said something. */
function separateToolsFromUser(wire: Wire[]): Wire[] {
  return wire.flatMap((message, index) => {
    const isBetween = message.role === "user" && wire[index - 1]?.role === "tool";
    return isBetween ? [{ role: "assistant", content: "I have the results." }, message] : [message];
  });
}

const speaker = (message: Message): JsonObject => (message.name === undefined ? {} : { name: message.name });

const contentContext = ({ quirks, target, losses }: MessagesContext): ContentContext => ({
  quirks,
  target,
  losses,
});
