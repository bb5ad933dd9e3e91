import { askedEffort, nearestEffort } from "../../core/effort.ts";
import { GatewayError } from "../../core/errors.ts";
import type { EncodedRequest, Loss, TargetModel } from "../../core/format.ts";
import type { Quirks } from "../../core/quirks.ts";
import { type ChatRequest, type OutputShape, wantsLogprobs } from "../../core/request.ts";
import { ToolNames } from "../../core/tool-names.ts";
import type { JsonObject } from "../../lib/json.ts";
import { writeInput } from "./write-input.ts";
import { writeToolChoice, writeTools } from "./tools.ts";
import { ID } from "./wire.ts";

/**
 * Writes a provider's body. What came in this same format keeps its arrangement and its unknown fields; what came in
 * another asks for sealed reasoning and is stored nowhere. Throws `unsupported` for a forced tool that is lost.
 */
export function encodeRequest(request: ChatRequest, target: TargetModel, quirks: Quirks): EncodedRequest {
  const writer = new RequestWriter(request, target, quirks);
  return { body: writer.body(), toolNames: writer.names, losses: writer.losses };
}

const FOREIGN_NAMES = { pattern: /^[a-zA-Z0-9_-]+$/, maxLength: 64 };
/** The client's names were made for this format, so they stand as they are. */
const OWN_NAMES = { pattern: /^/, maxLength: Infinity };
const MIN_OUTPUT_TOKENS = 16;
/** OpenAI refuses longer values of `user` and `prompt_cache_key`. */
const MAX_KEY = 64;
/** Says nothing that a model would not do without. */
const NEUTRAL_INSTRUCTIONS = "You are a helpful assistant.";
const SERVICE_TIERS = ["auto", "default", "flex", "scale", "priority"];

class RequestWriter {
  readonly losses: Loss[] = [];
  readonly names: ToolNames;
  /** Fields of this format's own; undefined when the client spoke another. */
  readonly #own: JsonObject | undefined;

  constructor(
    readonly request: ChatRequest,
    readonly target: TargetModel,
    readonly quirks: Quirks,
  ) {
    this.#own = request.vendor?.[ID];
    const plain = request.tools?.filter((tool) => tool.namespace === undefined);
    this.names = new ToolNames(plain, this.#own ? OWN_NAMES : FOREIGN_NAMES);
  }

  body(): JsonObject {
    const { request } = this;
    const { instructions, input } = writeInput(request, this.target, this.quirks, this.names, this.losses);
    const body: JsonObject = {
      model: this.target.id,
      ...this.#shaped(instructions),
      ...(input !== undefined && { input }),
      ...this.#tools(),
      ...this.#reasoning(),
      ...this.#limits(),
      ...(request.promptCacheKey !== undefined &&
        (this.#own || request.promptCacheKey.length <= MAX_KEY) && {
          prompt_cache_key: request.promptCacheKey,
        }),
      ...(request.previousResponseId !== undefined && { previous_response_id: request.previousResponseId }),
      ...this.#user(),
      ...(this.#own ? this.#ownFields() : this.#foreignFields()),
      stream: request.stream,
    };
    return this.#bent(body);
  }

  /** The answer's shape: `text.format`, or told in words where the provider knows no schemas. */
  #shaped(instructions: string | undefined): JsonObject {
    const { output, verbosity } = this.request;
    const told =
      this.quirks.noJsonSchema && output?.type === "schema" ? schemaInWords(output.schema) : undefined;
    const format = output && writeShape(told === undefined ? output : { type: "json" });
    const text = {
      ...(format && { format }),
      ...(verbosity !== undefined && { verbosity }),
      ...(this.#own?.["text"] as JsonObject | undefined),
    };
    const all = [instructions, told].filter((one) => one !== undefined).join("\n\n");
    return { ...(all !== "" && { instructions: all }), ...(Object.keys(text).length > 0 && { text }) };
  }

  #tools(): JsonObject {
    const { tools, toolChoice, parallelToolCalls } = this.request;
    if (!tools) return {};
    const written = writeTools(tools, this.names, this.losses);
    const choice = toolChoice && writeToolChoice(toolChoice, tools, this.names);
    const offered = written.length > 0 || this.#own !== undefined;
    if (!offered && toolChoice && toolChoice.type !== "auto" && toolChoice.type !== "none")
      throw new GatewayError(
        "unsupported",
        "A tool must be called, but the chosen model can run none of them.",
        {
          param: "tool_choice",
        },
      );
    return {
      ...((written.length > 0 || (offered && tools.length === 0)) && { tools: written }),
      ...(offered && choice !== undefined && { tool_choice: this.#own?.["tool_choice"] ?? choice }),
      ...(offered && parallelToolCalls !== undefined && { parallel_tool_calls: parallelToolCalls }),
    };
  }

  #reasoning(): JsonObject {
    const own = this.#own?.["reasoning"] as JsonObject | undefined;
    const asked = this.request.reasoning;
    if (!asked && !own) return {};
    if (this.quirks.reasoningControl === "none" || (!this.#own && this.target.reasoning === false)) return {};
    const wanted = askedEffort(asked);
    const effort = wanted && this.quirks.efforts ? nearestEffort(wanted, this.quirks.efforts) : wanted;
    // A model that cannot think refuses the word, even for "not at all".
    if (!this.#own && effort === "none" && this.target.reasoning !== true) return {};
    const summary =
      asked?.summary ?? (this.#own || !this.#wantsToSee() || effort === "none" ? undefined : "auto");
    const reasoning = { ...(effort && { effort }), ...(summary !== undefined && { summary }), ...own };
    return this.#own || Object.keys(reasoning).length > 0 ? { reasoning } : {};
  }

  #wantsToSee(): boolean {
    const { visible, budget, adaptive } = this.request.reasoning ?? {};
    return visible ?? (budget !== undefined || adaptive === true);
  }

  #limits(): JsonObject {
    const { temperature, topP, maxOutputTokens } = this.request;
    const sampling = {
      ...(temperature !== undefined && { temperature }),
      ...(topP !== undefined && { top_p: topP }),
    };
    return {
      ...(maxOutputTokens !== undefined && { max_output_tokens: this.#clamped(maxOutputTokens) }),
      ...(this.#takesSampling() ? sampling : this.#lose(Object.keys(sampling), "reasoning models refuse it")),
    };
  }

  #clamped(tokens: number): number {
    if (this.#own) return tokens;
    return Math.max(MIN_OUTPUT_TOKENS, Math.min(tokens, this.target.maxOutputTokens ?? Infinity));
  }

  #takesSampling(): boolean {
    return (
      this.#own !== undefined ||
      this.target.reasoning !== true ||
      askedEffort(this.request.reasoning) === "none"
    );
  }

  #user(): JsonObject {
    const { user } = this.request;
    if (user === undefined || (this.#own ? user === this.#own["safety_identifier"] : user.length > MAX_KEY))
      return {};
    return { user };
  }

  #ownFields(): JsonObject {
    const { request } = this;
    const { text: _text, reasoning: _reasoning, tool_choice: _choice, ...fields } = this.#own ?? {};
    if (!request.stream || this.quirks.noStreamOptions) delete fields["stream_options"];
    return {
      ...(request.topLogprobs !== undefined && { top_logprobs: request.topLogprobs }),
      ...(request.frequencyPenalty !== undefined && { frequency_penalty: request.frequencyPenalty }),
      ...(request.presencePenalty !== undefined && { presence_penalty: request.presencePenalty }),
      ...(request.serviceTier !== undefined && { service_tier: request.serviceTier }),
      ...(request.metadata && { metadata: request.metadata }),
      ...fields,
    };
  }

  #foreignFields(): JsonObject {
    const { request } = this;
    const cannot = "the Responses format has no such setting";
    const lost: [string, boolean][] = [
      ["stop", (request.stop?.length ?? 0) > 0],
      ["seed", request.seed !== undefined],
      ["frequency_penalty", (request.frequencyPenalty ?? 0) !== 0],
      ["presence_penalty", (request.presencePenalty ?? 0) !== 0],
      ["n", (request.choices ?? 1) > 1],
      ["logprobs", wantsLogprobs(request)],
    ];
    this.#lose(
      lost.filter(([, asked]) => asked).map(([what]) => what),
      cannot,
    );
    if (request.topK !== undefined) this.losses.push({ what: "top_k", why: cannot, silent: true });
    const tier = request.serviceTier;
    const seals = this.target.reasoning ?? request.reasoning !== undefined;
    return {
      ...(tier !== undefined && SERVICE_TIERS.includes(tier) && { service_tier: tier }),
      store: false,
      // Models that cannot think answer 400 to this.
      ...(seals && { include: ["reasoning.encrypted_content"] }),
    };
  }

  #lose(fields: readonly string[], why: string): JsonObject {
    for (const what of fields) this.losses.push({ what, why });
    return {};
  }

  /** The provider's departures from the format, last. */
  #bent(body: JsonObject): JsonObject {
    for (const field of this.quirks.drop ?? []) delete body[field];
    if (this.quirks.needsInstructions && !body.instructions) body.instructions = NEUTRAL_INSTRUCTIONS;
    Object.assign(body, this.quirks.fixed);
    for (const [field, name] of Object.entries(this.quirks.rename ?? {})) {
      if (!(field in body)) continue;
      body[name] = body[field];
      delete body[field];
    }
    return body;
  }
}

/** The wire spelling of an output shape. */
export function writeShape(output: OutputShape): JsonObject {
  switch (output.type) {
    case "text":
      return { type: "text" };
    case "json":
      return { type: "json_object" };
    case "schema":
      return {
        type: "json_schema",
        name: schemaName(output.name),
        ...(output.description !== undefined && { description: output.description }),
        schema: output.schema,
        ...(output.strict !== undefined && { strict: output.strict }),
      };
  }
}

/** The API wants a name; other formats' schemas need not have one. */
function schemaName(name: string | undefined): string {
  return (name ?? "answer").replace(/[^a-zA-Z0-9_-]/g, "_").slice(0, 64) || "answer";
}

const schemaInWords = (schema: JsonObject): string =>
  `Answer with a JSON object that fits this JSON Schema, and with nothing else:\n${JSON.stringify(schema)}`;
