import type { Reply, Usage } from "../../src/core/reply.ts";
import { sha256 } from "../../src/lib/ids.ts";
import { parseJson } from "../../src/lib/json.ts";
import type { RecordedAnswer } from "./answers.ts";

/** What an answer says, in a form that does not depend on how it was cut into parts. */
export type ReplyFacts = {
  text: string;
  refusal: string;
  /** Without white space: formats put different breaks between blocks. */
  reasoning: string;
  signatures: { length: number; sha256: string }[];
  calls: { id: string | undefined; name: string; input: string }[];
  finish: string;
  usage:
    { input: number; cacheRead: number; cacheWrite: number; output: number; reasoning: number } | undefined;
};

/** The facts of a decoded answer. */
export function factsOf(reply: Reply): ReplyFacts {
  const facts: ReplyFacts = {
    text: "",
    refusal: "",
    reasoning: "",
    signatures: [],
    calls: [],
    finish: reply.finish,
    usage: reply.usage && usageFacts(reply.usage),
  };
  for (const part of reply.parts) {
    if (part.proof) facts.signatures.push(opaque(proofText(part.proof.format, part.proof.value)));
    if (part.type === "text") facts.text += part.text;
    else if (part.type === "refusal") facts.refusal += part.text;
    else if (part.type === "reasoning") facts.reasoning += part.text.replace(/\s+/g, "");
    else if (part.type === "tool-call")
      facts.calls.push({
        id: part.id,
        name: part.name,
        input: part.freeText ? part.input : canonicalJson(part.input),
      });
  }
  return facts;
}

/** The facts that the corpus states about an answer, under the quirks it is read with. */
export function expectedFacts(answer: RecordedAnswer): ReplyFacts {
  const expected = answer.expected;
  if (!expected) throw new Error(`Nothing is known about ${answer.name}.`);
  const lifted = answer.quirks.thinkTags ? expected.think_lifted : undefined;
  const calls = (expected.tool_calls ?? []).filter((call) => PORTABLE_CALLS.has(call.kind ?? "function"));
  const reasoning = lifted ? lifted.reasoning : (expected.reasoning_parts ?? []).join("");
  return {
    text: (lifted ? lifted.text : expected.text) ?? "",
    refusal: expected.refusal ?? "",
    reasoning: reasoning.replace(/\s+/g, ""),
    signatures: (expected.signatures ?? []).map((signature) => ({
      length: signature.len,
      sha256: signature.sha256,
    })),
    calls: calls.map((call) => ({
      id: call.id || undefined,
      name: call.name,
      input: call.kind === "custom" ? String(call.arguments) : expectedInput(call.arguments),
    })),
    finish: expectedFinish(expected.finish ?? null, expected.tool_calls?.length ?? 0),
    usage: expectedUsage(answer),
  };
}

/** Calls that every format can say; shells and patches of one vendor are that format's own affair. */
const PORTABLE_CALLS = new Set(["function", "custom"]);

function expectedFinish(finish: string | null, calls: number): string {
  if (finish === null || finish === "stop" || finish === "tool_calls")
    return calls > 0 ? "tool-calls" : "stop";
  return finish.replace("_", "-");
}

function expectedUsage(answer: RecordedAnswer): ReplyFacts["usage"] {
  const usage = answer.expected?.usage;
  if (!usage || usage.input_total === null) return undefined;
  const output = answer.quirks.reasoningApart
    ? (usage.total ?? 0) - usage.input_total
    : (usage.output_total ?? 0);
  return {
    input: usage.input_total,
    cacheRead: usage.cache_read ?? 0,
    cacheWrite: usage.cache_write ?? 0,
    output,
    reasoning: usage.reasoning ?? (answer.quirks.reasoningApart ? output - (usage.output_total ?? 0) : 0),
  };
}

function usageFacts(usage: Usage): ReplyFacts["usage"] {
  const cacheRead = usage.cacheRead ?? 0;
  const cacheWrite = usage.cacheWrite ?? 0;
  const input = usage.input + cacheRead + cacheWrite;
  return { input, cacheRead, cacheWrite, output: usage.output, reasoning: usage.reasoning ?? 0 };
}

const opaque = (text: string) => ({ length: text.length, sha256: sha256(text) });

/** In chat a proof is a whole `reasoning_details` entry; the signature is one of its fields. */
function proofText(format: string, value: string): string {
  if (format !== "openai-chat") return value;
  const entry = JSON.parse(value) as { [field: string]: unknown };
  const inner = entry["signature"] ?? entry["data"] ?? value;
  return typeof inner === "string" ? inner : JSON.stringify(inner);
}

function expectedInput(value: unknown): string {
  if (typeof value === "object" && value !== null && "__unparsable__" in value)
    return String(value.__unparsable__);
  return JSON.stringify(sorted(value));
}

/** JSON text with sorted keys, so that arguments can be compared; text that is not JSON stays as it is. */
export function canonicalJson(text: string): string {
  if (text === "") return "{}";
  try {
    return JSON.stringify(sorted(parseJson(text)));
  } catch {
    return text;
  }
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null || "rawJSON" in value) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, inner]) => [key, sorted(inner)]),
  );
}
