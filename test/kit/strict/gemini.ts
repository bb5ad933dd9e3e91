import { isObject, parseJson } from "../../../src/lib/json.ts";
import { type Beat, makeProof, pieces, type Rules, type Wire } from "./rules.ts";

const FIELDS = new Set(
  "contents systemInstruction tools toolConfig generationConfig safetySettings cachedContent".split(" "),
);
const PART_FIELDS = new Set(
  "text thought thoughtSignature inlineData fileData functionCall functionResponse".split(" "),
);
/** https://ai.google.dev/gemini-api/docs/thought-signatures */
const SKIP = "skip_thought_signature_validator";

/** What Gemini 3 checks in a tool loop. */
export class GeminiRules implements Rules {
  readonly format = "gemini";
  readonly lost: string[] = [];
  /** What each signature signs: the call, or the text. */
  readonly #issued = new Map<string, string>();

  refusal(body: Wire): string | undefined {
    const unknown = Object.keys(body).find((field) => !FIELDS.has(field));
    if (unknown !== undefined)
      return `Invalid JSON payload received. Unknown name "${unknown}": Cannot find field.`;
    if (body.generationConfig?.thinkingConfig?.includeThoughts !== true)
      return "test: thoughts were turned off";
    const contents = joined(body.contents);
    return refuseContents(contents, body.tools ?? []) ?? this.#refuseSignatures(contents);
  }

  refuse(message: string): object {
    return { error: { code: 400, message, status: "INVALID_ARGUMENT" } };
  }

  answer(beat: Beat, turn: number): { whole: object; events: Wire[] } {
    const parts = this.#parts(beat, turn);
    const usageMetadata = { promptTokenCount: 10, candidatesTokenCount: 5, totalTokenCount: 15 };
    const chunk = (some: Wire[], more: Wire = {}) => ({
      candidates: [{ content: { role: "model", parts: some }, index: 0, ...more }],
      usageMetadata,
      modelVersion: "gemini-3",
      responseId: `g${turn}`,
    });
    return {
      whole: chunk(parts, { finishReason: "STOP" }),
      events: [
        ...parts.flatMap(inChunks).map((part) => chunk([part])),
        chunk([{ text: "" }], { finishReason: "STOP" }),
      ],
    };
  }

  #parts({ thought, withheld, text, calls }: Beat, turn: number): Wire[] {
    const parts: Wire[] = [];
    if (thought !== undefined && !withheld) parts.push({ text: thought, thought: true });
    if (text !== undefined) parts.push({ text, ...(calls.length === 0 && this.#sign(turn, text)) });
    for (const [index, { name, input }] of calls.entries()) {
      // The service names its calls only now and then.
      const id = turn % 2 === 0 ? {} : { id: `fc-${turn}-${index}` };
      parts.push({
        functionCall: { ...id, name, args: parseJson(input) },
        ...(index === 0 && this.#sign(turn, signed(name, parseJson(input)))),
      });
    }
    return parts;
  }

  #sign(turn: number, what: string): { thoughtSignature: string } {
    const proof = makeProof("gemini", turn, what);
    this.#issued.set(proof, what);
    return { thoughtSignature: proof };
  }

  #refuseSignatures(contents: Wire[]): string | undefined {
    const begin = contents.findLastIndex(
      ({ role, parts }) => role === "user" && parts.some((part: Wire) => part.text !== undefined),
    );
    const known = new Set(this.#issued.values());
    for (const [at, { parts }] of contents.entries()) {
      for (const { thoughtSignature: signature, functionCall: call } of parts) {
        if (signature === undefined || signature === SKIP) continue;
        const what = this.#issued.get(signature);
        if (what === undefined) return `contents[${at}]: Thought signature is not valid.`;
        if (call && what !== signed(call.name, call.args))
          return `contents[${at}]: Corrupted thought signature.`;
      }
      const first = parts.find((part: Wire) => part.functionCall);
      if (!first) continue;
      if (first.thoughtSignature === undefined && at > begin)
        return `Function call \`${first.functionCall.name}\` in the ${at}. content block is missing a \`thought_signature\`.`;
      const own = known.has(signed(first.functionCall.name, first.functionCall.args));
      if (own && first.thoughtSignature === SKIP) this.lost.push(`signature of contents[${at}]`);
    }
    return undefined;
  }
}

const signed = (name: string, args: unknown): string => `${name} ${JSON.stringify(args)}`;

/** Google's own SDKs send each chunk of an earlier answer as a content of its own. */
function joined(contents: Wire[]): Wire[] {
  const turns: Wire[] = [];
  for (const { role, parts } of contents)
    if (role === "model" && turns.at(-1)?.role === role) turns.at(-1).parts.push(...parts);
    else turns.push({ role, parts: [...parts] });
  return turns;
}

function refuseContents(contents: Wire[], tools: Wire[]): string | undefined {
  const names = new Set(
    tools.flatMap((tool: Wire) => tool.functionDeclarations ?? []).map((tool: Wire) => tool.name),
  );
  for (const [at, { role, parts }] of contents.entries()) {
    if (role !== (at % 2 === 0 ? "user" : "model"))
      return "Please ensure that function call turn comes immediately after a user turn or after a function response turn.";
    for (const part of parts) {
      const unknown = Object.keys(part).find((field) => !PART_FIELDS.has(field));
      if (unknown !== undefined)
        return `Unknown name "${unknown}" at 'contents[${at}].parts[0]': Cannot find field.`;
      if (part.functionResponse && !isObject(part.functionResponse.response))
        return `contents[${at}]: a function response must be an object.`;
      if (part.functionCall && !names.has(part.functionCall.name))
        return `contents[${at}]: function ${part.functionCall.name} is not declared.`;
    }
    const responses = parts.flatMap((part: Wire) => part.functionResponse ?? []);
    const called = at === 0 ? [] : contents[at - 1].parts.flatMap((part: Wire) => part.functionCall ?? []);
    const pairs = (list: Wire[]) => list.map(({ name, id }) => [name, id]);
    if (!Bun.deepEquals(pairs(responses), pairs(called)))
      return "Please ensure that the number of function response parts is equal to the number of function call parts of the function call turn.";
  }
  return contents.at(-1)?.role === "user"
    ? undefined
    : "Please ensure that single turn requests end with a user role.";
}

/** Text comes in several chunks, its signature in the last; a call comes whole. */
function inChunks(part: Wire): Wire[] {
  if (part.text === undefined) return [part];
  const { text, thoughtSignature, ...rest } = part;
  const chunks: Wire[] = pieces(text, 20).map((piece) => ({ text: piece, ...rest }));
  return thoughtSignature === undefined ? chunks : [...chunks, { text: "", thoughtSignature, ...rest }];
}
