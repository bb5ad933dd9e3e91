import { sealProof } from "../../src/core/envelope.ts";
import { GatewayError } from "../../src/core/errors.ts";
import type { Loss, TargetModel } from "../../src/core/format.ts";
import type { Quirks } from "../../src/core/quirks.ts";
import { type FormatId, FORMAT_IDS, type Reply } from "../../src/core/reply.ts";
import type { ChatRequest } from "../../src/core/request.ts";
import { ToolNames } from "../../src/core/tool-names.ts";
import { FORMATS } from "../../src/formats/index.ts";
import { isObject, parseJson } from "../../src/lib/json.ts";
import { ANSWER_PROBES, PLAIN_ANSWER } from "./answer-probes.ts";
import { type Probe, PROBES } from "./probes.ts";
import { type Body, PLAIN } from "./wires.ts";

/** A provider that requests are written for, with a model that can do what its vendor offers. */
export type SurveyTarget = { title: string; format: FormatId; model: string; quirks: Quirks };

export const TARGETS: readonly SurveyTarget[] = [
  {
    title: "Chat at OpenAI",
    format: "openai-chat",
    model: "gpt-5",
    quirks: { developerRole: true, maxTokensField: "max_completion_tokens" },
  },
  { title: "Chat elsewhere", format: "openai-chat", model: "some-model", quirks: {} },
  { title: "Responses", format: "openai-responses", model: "gpt-5", quirks: {} },
  { title: "Messages", format: "anthropic", model: "claude-sonnet-4-6", quirks: {} },
  {
    title: "Gemini",
    format: "gemini",
    model: "gemini-3.1-pro-preview",
    quirks: { jsonSchemaParameters: true },
  },
];

/** What becomes of one thing on its way. */
export type Outcome = {
  /**
   * `carried`: read back, it says the same. `adapted`: said in other words, or in part. `dropped`: leaves no trace.
   * `refused`: the call is answered 400.
   */
  kind: "carried" | "adapted" | "dropped" | "refused";
  /** What the client is told: warnings, or the message of the 400. */
  told: string[];
  /** Where it stands on the target's wire. */
  where: string[];
};

/** What becomes of a probe, asked by a client of `client`; undefined where that format has no words for it. */
export function surveyRequest(probe: Probe, client: FormatId, target: SurveyTarget): Outcome | undefined {
  const say = probe.say[client];
  if (!say) return undefined;
  const plain = probe.needs?.[client]?.(PLAIN[client]) ?? PLAIN[client];
  const before = written(plain, client, target);
  const after = written(say(plain), client, target);
  if (after instanceof GatewayError) return { kind: "refused", told: [after.message], where: [] };
  if (before instanceof GatewayError) throw before;
  const known = new Set(before.losses.map(sentence));
  const told = after.losses
    .filter((loss) => !loss.silent)
    .map(sentence)
    .filter((loss) => !known.has(loss));
  const where = changedPaths(before.body, after.body);
  if (where.length === 0) return { kind: "dropped", told, where };
  const asked = changedFields(meaning(before.asked), meaning(after.asked));
  const read = meaning(FORMATS[target.format].decodeRequest(after.body, { model: "m", stream: false }));
  const same = told.length === 0 && asked.every(([field, value]) => Bun.deepEquals(read[field], value));
  return { kind: same ? "carried" : "adapted", told, where };
}

/** The body of a client, with what the probe asks for in it. */
export function probeBody(probe: Probe, client: FormatId): Body | undefined {
  return probe.say[client]?.(probe.needs?.[client]?.(PLAIN[client]) ?? PLAIN[client]);
}

type Written = { asked: ChatRequest; body: Body; losses: Loss[] };

function written(body: Body, client: FormatId, target: SurveyTarget): Written | GatewayError {
  const asked = FORMATS[client].decodeRequest(body, { model: "m", stream: false });
  const model: TargetModel = {
    id: target.model,
    // Whoever speaks the vendor's format speaks with the vendor itself.
    maker: `test/${target.model}`,
    reasoning: true,
    vision: true,
    tools: true,
  };
  try {
    const encoded = FORMATS[target.format].encodeRequest(
      { ...asked, model: target.model },
      model,
      target.quirks,
    );
    return { asked, body: parseJson(JSON.stringify(encoded.body)) as Body, losses: encoded.losses };
  } catch (error) {
    if (error instanceof GatewayError) return error;
    throw error;
  }
}

const sentence = ({ what, why }: Loss): string => `${what}: ${why}`;

/** A request without what only one format understands. */
function meaning(request: ChatRequest): { [field: string]: unknown } {
  const { model: _model, stream: _stream, includeUsage: _usage, ...said } = request;
  return bare(said) as { [field: string]: unknown };
}

const OF_ONE_FORMAT = new Set(["vendor", "phase", "proof", "developer"]);

function bare(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(bare);
  if (!isObject(value)) return value;
  const isHosted = value["type"] === "hosted";
  return Object.fromEntries(
    Object.entries(value)
      .filter(([field]) => !OF_ONE_FORMAT.has(field) && !(isHosted && field === "name"))
      .map(([field, inner]) => [field, bare(inner)]),
  );
}

const changedFields = (before: Body, after: Body): [string, unknown][] =>
  Object.entries(after).filter(([field, value]) => !Bun.deepEquals(before[field], value));

/** The paths at which two bodies differ, list positions left out: `generationConfig.topK`, `messages[].content`. */
function changedPaths(before: unknown, after: unknown, path = ""): string[] {
  if (Bun.deepEquals(before, after)) return [];
  const isGroup = isObject(after) && !path.includes(".") && !path.includes("[]");
  if (isObject(after) && (isObject(before) || (before === undefined && isGroup))) {
    const earlier = isObject(before) ? before : {};
    const fields = new Set([...Object.keys(earlier), ...Object.keys(after)]);
    return unique(
      [...fields].flatMap((field) =>
        changedPaths(earlier[field], after[field], path === "" ? field : `${path}.${field}`),
      ),
    );
  }
  if (!Array.isArray(before) || !Array.isArray(after)) return [path];
  if (before.length !== after.length) return [`${path}[]`];
  return unique(before.flatMap((item, index) => changedPaths(item, after[index], `${path}[]`)));
}

const unique = (paths: string[]): string[] => [...new Set(paths)];

/** What becomes of each thing in an answer on its way from a provider to a client. */
export function surveyAnswer(
  probe: (typeof ANSWER_PROBES)[number],
  provider: FormatId,
  client: FormatId,
): Outcome | undefined {
  const said = probe.say[provider];
  if (!said) return undefined;
  const before = answered(PLAIN_ANSWER[provider], provider, client);
  const after = answered(said, provider, client);
  const where = changedPaths(before.body, after.body);
  if (where.length === 0) return { kind: "dropped", told: [], where };
  const asked = changedFields(answerMeaning(before.reply), answerMeaning(after.reply));
  const context = { quirks: {}, toolNames: new ToolNames(), maker: "test/m" };
  const read = answerMeaning(FORMATS[client].decodeReply(after.body, context));
  const same =
    asked.length > 0 &&
    asked.every(([field, value]) =>
      Bun.deepEquals(field === "usage" ? only(read[field], value) : read[field], value),
    );
  return { kind: same ? "carried" : "adapted", told: [], where };
}

/** Counts that formats fill up with zeros say nothing more. */
function only(counts: unknown, wanted: unknown): unknown {
  if (!isObject(counts) || !isObject(wanted)) return counts;
  return Object.fromEntries(Object.keys(wanted).map((field) => [field, counts[field]]));
}

function answered(body: Body, provider: FormatId, client: FormatId): { reply: Reply; body: Body } {
  const reply = FORMATS[provider].decodeReply(body, {
    quirks: {},
    toolNames: new ToolNames(),
    maker: "test/m",
  });
  const written = FORMATS[client].encodeReply(reply, {
    id: "answer",
    model: "m",
    created: 1_790_000_000,
    request: { model: "m", stream: false, messages: [], tools: [{ type: "custom", name: "patch" }] },
    sealProof,
  });
  return { reply, body: parseJson(JSON.stringify(written)) as Body };
}

/** An answer's parts and its end, without ids; proofs count here, since clients hand them back. */
function answerMeaning({ parts, finish, stopSequence, usage }: Reply): Body {
  const said = parts.map(({ vendor: _vendor, ...part }) => ({ ...part, summary: undefined }));
  return JSON.parse(JSON.stringify({ parts: said, finish, stopSequence, usage })) as Body;
}

export { ANSWER_PROBES, FORMAT_IDS, PROBES };
