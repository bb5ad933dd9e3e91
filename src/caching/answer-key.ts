import type { Part } from "../core/reply.ts";
import type { ChatRequest, Message } from "../core/request.ts";
import { sha256 } from "../lib/ids.ts";
import { isObject } from "../lib/json.ts";

/**
 * Under what an answer is kept: a hash over everything that may change it. Spelling of the protocol and order of JSON
 * fields do not; any difference in text, tools, format, length, seed or settings does. `scope`: whose answers may be
 * reused; `model`: what the name was resolved to.
 */
export function answerKey(scope: string, model: string, request: ChatRequest): string {
  return sha256(stable([scope, model, essence(request)]));
}

/** A question and what it was asked in: everything before it, hashed. Undefined where the last turn is no plain text. */
export type Question = { context: string; text: string };

/** Splits a request for the search by similarity. */
export function questionOf(scope: string, model: string, request: ChatRequest): Question | undefined {
  const last = request.messages.at(-1);
  if (last?.role !== "user" || last.parts.length === 0) return undefined;
  const texts = last.parts.map((part) => (part.type === "text" ? part.text : undefined));
  if (texts.includes(undefined)) return undefined;
  const before = { ...request, messages: request.messages.slice(0, -1) };
  return { context: sha256(stable([scope, model, "similar", essence(before)])), text: texts.join("\n") };
}

/** What of a request decides its answer. */
function essence(request: ChatRequest): unknown {
  const {
    // Transport, accounting and the name, which is resolved, do not change what is said.
    model: _model,
    stream: _stream,
    includeUsage: _includeUsage,
    user: _user,
    metadata: _metadata,
    promptCacheKey: _promptCacheKey,
    serviceTier: _serviceTier,
    parallelToolCalls: _parallelToolCalls,
    vendor,
    messages,
    tools,
    toolChoice,
    reasoning,
    choices: _choices,
    output,
    ...settings
  } = request;
  return {
    ...settings,
    vendor: essentialVendor(vendor),
    messages: messages.flatMap(essentialMessage),
    tools: tools?.map(({ vendor: own, ...tool }) => ({ ...tool, vendor: essentialVendor(own) })),
    toolChoice: toolChoice?.type === "auto" ? undefined : toolChoice,
    parallelToolCalls: request.parallelToolCalls === false ? false : undefined,
    output: output?.type === "text" ? undefined : output,
    reasoning: reasoning && Object.keys(reasoning).length > 0 ? reasoning : undefined,
  };
}

/** A line by which Claude Code names itself; its ending changes with every conversation. */
const BILLING_LINE = /^x-anthropic-billing-header:/;

function essentialMessage({ role, parts, name, vendor }: Message): unknown[] {
  const said = parts.flatMap((part) =>
    role === "system" && part.type === "text" && BILLING_LINE.test(part.text) ? [] : [essentialPart(part)],
  );
  return said.length === 0 ? [] : [{ role, name, said, vendor: essentialVendor(vendor, SPELLINGS) }];
}

function essentialPart(part: Part): unknown {
  const { vendor, ...rest } = part;
  const output = part.type === "tool-result" ? { output: part.output.map(essentialPart) } : {};
  return { ...rest, ...output, vendor: essentialVendor(vendor) };
}

/** Marks for a provider's prompt cache and accounting; they never change an answer. */
const NOISE = new Set([
  "cache_control",
  "prompt_cache_retention",
  "safety_identifier",
  "store",
  "metadata",
  "user",
  "service_tier",
  "stream_options",
]);

/** How the Responses format wrote a message, which it does in several ways. */
const SPELLINGS = new Set(["input", "instructions", "item", "bare", "plain"]);

const isEmpty = (value: unknown): boolean =>
  value === undefined || value === null || (Array.isArray(value) && value.length === 0);

/** What one format alone says, without noise; undefined where nothing is left, so that formats compare equal. */
function essentialVendor(vendor: object | undefined, spellings?: ReadonlySet<string>): unknown {
  if (!vendor) return undefined;
  const kept = Object.entries(vendor).flatMap(([format, fields]) => {
    const named = isObject(fields)
      ? Object.entries(fields).filter(
          ([field, value]) => !NOISE.has(field) && spellings?.has(field) !== true && !isEmpty(value),
        )
      : [];
    return named.length > 0 ? [[format, Object.fromEntries(named)]] : [];
  });
  return kept.length > 0 ? Object.fromEntries(kept) : undefined;
}

/** JSON with the fields of every object in order; what is undefined is left out. */
function stable(value: unknown): string {
  return JSON.stringify(value, (_field, inner: unknown) =>
    isObject(inner) ? Object.fromEntries(Object.entries(inner).toSorted(byName)) : inner,
  );
}

const byName = ([left]: [string, unknown], [right]: [string, unknown]): number =>
  left < right ? -1 : left > right ? 1 : 0;
