import type { EncodedRequest, Loss, TargetModel } from "../../core/format.ts";
import { refuseKeptElsewhere } from "../../core/kept-elsewhere.ts";
import type { Quirks } from "../../core/quirks.ts";
import { type ChatRequest, type Message, wantsLogprobs } from "../../core/request.ts";
import { ToolNames } from "../../core/tool-names.ts";
import { isObject } from "../../lib/json.ts";
import { betasOf } from "./betas.ts";
import { modelFacts, type ModelFacts } from "./models.ts";
import { writeOutputShape } from "./output-shape.ts";
import { BILLING } from "./read-request.ts";
import { writeThinking } from "./thinking.ts";
import { arrangeTurns, CallIds, splitSystem, userSays, type Turn } from "./turns.ts";
import { otherFields, ownFields, type Fields } from "./wire.ts";
import { writePart, writePiece, type BlockContext } from "./write-blocks.ts";
import { forcesTool, TOOL_NAME_RULE, writeTools } from "./write-tools.ts";

/**
 * Writes a Messages body for a model. Throws `unsupported` for a forced tool or a strict schema that the model
 * cannot be given, and for what another provider keeps.
 */
export function encodeRequest(request: ChatRequest, target: TargetModel, quirks: Quirks): EncodedRequest {
  refuseKeptElsewhere(request);
  const losses: Loss[] = [];
  const facts = modelFacts(target);
  const names = new ToolNames(request.tools, TOOL_NAME_RULE);
  const context: BlockContext = { target, facts, names, ids: new CallIds(), losses };
  const { system, rest } = splitSystem(request.messages);
  const shape = writeOutputShape(request, facts, quirks);
  const conversation = completed(
    writeSystem(request, system, shape.instruction, context),
    arrangeTurns(rest.map((message) => readTurn(message, context))),
    facts,
  );
  const messages = conversation.turns.map((turn) => writeTurn(turn, context));
  const tools = writeTools(request, context);
  const maxTokens = outputLimit(request, target, facts);
  const thinking = writeThinking(
    request,
    {
      facts,
      quirks,
      maxTokens,
      forcedTool: tools.tools !== undefined && forcesTool(request),
      unsignedToolTurn: endsInUnsignedToolTurn(messages),
    },
    losses,
  );
  const outputConfig = {
    ...keptOutputConfig(request),
    ...(thinking.effort !== undefined && { effort: thinking.effort }),
    ...(shape.format && { format: shape.format }),
  };
  tellLosses(request, losses);
  const body: Fields = {
    model: target.id,
    max_tokens: maxTokens,
    ...(conversation.system.length > 0 && { system: conversation.system }),
    messages,
    ...tools,
    ...(thinking.thinking && { thinking: thinking.thinking }),
    ...(Object.keys(outputConfig).length > 0 && { output_config: outputConfig }),
    ...(shape.outputFormat && { output_format: shape.outputFormat }),
    ...writeSampling(request, facts, thinking.active),
    ...writeStop(request),
    ...writeMetadata(request),
    ...writeServiceTier(request),
    ...(request.stream && { stream: true }),
    ...otherFields(ownFields(request), WRITTEN_APART),
  };
  const betas = betasOf(body, request, facts);
  return {
    body: bend(body, quirks),
    ...(betas.length > 0 && { headers: { "anthropic-beta": betas.join(",") } }),
    toolNames: names,
    losses,
  };
}

/** Fields of the client's own body that are written from `ChatRequest`, or not as they are. */
const WRITTEN_APART = new Set(["thinking", "output_config", "output_format", "metadata", "betas", BILLING]);

function writeSystem(
  request: ChatRequest,
  system: readonly Message[],
  instruction: string | undefined,
  context: BlockContext,
): Fields[] {
  const billing = ownFields(request)[BILLING];
  const blocks = system.flatMap((message) => writeSystemText(message, context));
  return [
    ...(Array.isArray(billing) ? billing.filter(isObject) : []),
    ...blocks,
    ...(instruction === undefined ? [] : [{ type: "text", text: instruction }]),
  ];
}

const writeSystemText = (message: Message, context: BlockContext): Fields[] =>
  message.parts.flatMap((part) =>
    writePart(part, context).flatMap((piece) => ("block" in piece ? [piece.block] : [])),
  );

/** Brings a conversation to an end that the model takes: somebody has to say something, and mostly the user. */
function completed(system: Fields[], turns: Turn[], facts: ModelFacts): { system: Fields[]; turns: Turn[] } {
  const last = turns.at(-1);
  if (!last) {
    const pieces = system.map((block) => ({ block }));
    return { system: [], turns: [pieces.length > 0 ? { role: "user", pieces } : userSays("Continue.")] };
  }
  if (last.role !== "assistant" || isPaused(last)) return { system, turns };
  if (!facts.prefill) return { system, turns: [...turns, userSays("Continue.")] };
  return { system, turns: [...turns.slice(0, -1), trimmedEnd(last)] };
}

const writeTurn = (turn: Turn, context: BlockContext): Fields => ({
  role: turn.role,
  content: turn.pieces.map((piece) => writePiece(piece, context)),
  ...turn.fields,
});

function readTurn(message: Message, context: BlockContext): Turn {
  const pieces = message.parts.flatMap((part) => writePart(part, context));
  const fields = ownFields(message);
  if (message.role !== "system") return { role: message.role, pieces, fields };
  if (message.vendor?.anthropic && context.facts.systemTurns) return { role: "system", pieces, fields };
  return {
    role: "user",
    pieces: pieces.map((piece) => ("block" in piece ? { block: asReminder(piece.block) } : piece)),
  };
}

/** Where no system turn may stand, its text is marked as not being the user's own words. */
function asReminder(block: Fields): Fields {
  if (typeof block["text"] !== "string") return block;
  return { ...block, text: `<system-reminder>\n${block["text"]}\n</system-reminder>` };
}

/** An answer that Anthropic interrupted while running its own tools is continued from where it stands. */
const isPaused = (turn: Turn): boolean =>
  turn.pieces.some((piece) => "block" in piece && !SPOKEN.has(String(piece.block["type"])));

const SPOKEN = new Set(["text", "thinking", "redacted_thinking"]);

/** Anthropic refuses white space at the end of an answer to be continued. */
function trimmedEnd(turn: Turn): Turn {
  const last = turn.pieces.at(-1);
  if (!last || !("block" in last) || typeof last.block["text"] !== "string") return turn;
  const block = { ...last.block, text: last.block["text"].trimEnd() };
  return { ...turn, pieces: [...turn.pieces.slice(0, -1), { block }] };
}

/**
 * See `Situation.unsignedToolTurn`. Everything since the user last said something of their own is one turn, and not
 * every step of it need begin with a thought.
 */
function endsInUnsignedToolTurn(messages: readonly Fields[]): boolean {
  const spoken = messages.findLastIndex(
    (message) => message["role"] === "user" && !holdsOnlyResults(message),
  );
  const opening = messages.find((message, at) => at > spoken && message["role"] === "assistant");
  const first = blocksOf(opening)[0]?.["type"];
  return opening !== undefined && first !== "thinking" && first !== "redacted_thinking";
}

const holdsOnlyResults = (message: Fields): boolean =>
  blocksOf(message).every((block) => block["type"] === "tool_result");

const blocksOf = (message: Fields | undefined): Fields[] =>
  Array.isArray(message?.["content"]) ? message["content"].filter(isObject) : [];

const DEFAULT_OUTPUT_LIMIT = 32_000;

/** The protocol demands a limit; clients of other protocols often give none. */
function outputLimit(request: ChatRequest, target: TargetModel, facts: ModelFacts): number {
  const most =
    target.maxOutputTokens ?? (request.maxOutputTokens === undefined ? facts.maxOutputTokens : Infinity);
  return Math.min(request.maxOutputTokens ?? DEFAULT_OUTPUT_LIMIT, most);
}

function keptOutputConfig(request: ChatRequest): Fields {
  const config = ownFields(request)["output_config"];
  return isObject(config) ? otherFields(config, new Set(["effort", "format"])) : {};
}

/** https://platform.claude.com/docs/en/build-with-claude/extended-thinking: a thinking model samples its own way. */
function writeSampling(request: ChatRequest, facts: ModelFacts, thinks: boolean): Fields {
  if (facts.sampling === "none") return {};
  const { temperature, topP, topK } = request;
  if (facts.claude && thinks) return topP !== undefined && topP >= 0.95 && topP <= 1 ? { top_p: topP } : {};
  const withTopP = topP !== undefined && !(facts.sampling === "one" && temperature !== undefined);
  return {
    ...(temperature !== undefined && { temperature: Math.min(Math.max(temperature, 0), 1) }),
    ...(withTopP && { top_p: topP }),
    ...(topK !== undefined && { top_k: topK }),
  };
}

function writeStop(request: ChatRequest): Fields {
  const stop = request.stop?.filter((sequence) => sequence.trim() !== "") ?? [];
  return stop.length > 0 ? { stop_sequences: stop } : {};
}

/** Anthropic refuses user ids that look like a mail address or a telephone number. */
function writeMetadata(request: ChatRequest): Fields {
  const own = ownFields(request)["metadata"];
  if (isObject(own)) return { metadata: own };
  const { user } = request;
  return user !== undefined && /^(?!\d+$)[A-Za-z0-9_-]{1,256}$/.test(user)
    ? { metadata: { user_id: user } }
    : {};
}

function writeServiceTier({ serviceTier }: ChatRequest): Fields {
  return serviceTier === "auto" || serviceTier === "standard_only" ? { service_tier: serviceTier } : {};
}

function tellLosses(request: ChatRequest, losses: Loss[]): void {
  const lose = (said: boolean, what: string, silent = false): void => {
    if (said)
      losses.push({ what, why: "the Anthropic protocol has no such field", ...(silent && { silent }) });
  };
  lose((request.choices ?? 1) > 1, `n = ${request.choices}`);
  lose(wantsLogprobs(request), "logprobs");
  lose((request.frequencyPenalty ?? 0) !== 0, "frequency_penalty");
  lose((request.presencePenalty ?? 0) !== 0, "presence_penalty");
  lose(request.seed !== undefined, "seed", true);
  lose(request.verbosity !== undefined, "verbosity", true);
}

function bend(body: Fields, quirks: Quirks): Fields {
  if (!quirks.drop && !quirks.rename) return body;
  const bent: Fields = {};
  for (const [field, value] of Object.entries(body))
    if (!quirks.drop?.includes(field)) bent[quirks.rename?.[field] ?? field] = value;
  return bent;
}
