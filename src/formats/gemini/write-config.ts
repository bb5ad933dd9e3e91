import { budgetOf, effortOf, nearestEffort } from "../../core/effort.ts";
import type { Loss, TargetModel } from "../../core/format.ts";
import type { Quirks } from "../../core/quirks.ts";
import {
  type ChatRequest,
  type Effort,
  type OutputShape,
  type Reasoning,
  wantsLogprobs,
} from "../../core/request.ts";
import { isObject, type JsonObject } from "../../lib/json.ts";
import { writeSchema } from "./schema.ts";
import { generationOf } from "./wire.ts";

/** Writes `generationConfig`; undefined when there is nothing to say. */
export function writeGenerationConfig(
  request: ChatRequest,
  target: TargetModel,
  quirks: Quirks,
  losses: Loss[],
): JsonObject | undefined {
  const vendor = request.vendor?.gemini?.["generationConfig"];
  const kept: JsonObject = isObject(vendor) ? vendor : {};
  const maxOutputTokens = clampedLimit(request.maxOutputTokens, target.maxOutputTokens);
  const thinking = writeThinking(request.reasoning, target, maxOutputTokens, kept["thinkingConfig"]);
  const config: JsonObject = {
    ...kept,
    maxOutputTokens,
    temperature: request.temperature,
    topP: request.topP,
    topK: request.topK,
    presencePenalty: request.presencePenalty,
    frequencyPenalty: request.frequencyPenalty,
    seed: fittingSeed(request.seed, losses),
    stopSequences: fittingStops(request.stop, losses),
    ...(request.output && writeOutput(request.output, quirks)),
    thinkingConfig: thinking,
  };
  if ((request.choices ?? 1) > 1) losses.push({ what: "n", why: "one answer is given per request" });
  if (wantsLogprobs(request) && kept["responseLogprobs"] === undefined)
    losses.push({ what: "logprobs", why: "Gemini's log probabilities cannot be told in this protocol" });
  for (const name of Object.keys(config)) if (config[name] === undefined) delete config[name];
  return Object.keys(config).length > 0 ? config : undefined;
}

function clampedLimit(wanted: number | undefined, most: number | undefined): number | undefined {
  return wanted === undefined || most === undefined ? wanted : Math.min(wanted, most);
}

const MOST_STOPS = 5;

function fittingStops(stop: string[] | undefined, losses: Loss[]): string[] | undefined {
  if (!stop || stop.length === 0) return undefined;
  if (stop.length > MOST_STOPS)
    losses.push({ what: "stop", why: `Gemini takes ${MOST_STOPS} stop sequences, the first were sent` });
  return stop.slice(0, MOST_STOPS);
}

/** Gemini's seed is a 32-bit integer. */
function fittingSeed(seed: number | undefined, losses: Loss[]): number | undefined {
  if (seed === undefined || seed === (seed | 0)) return seed;
  losses.push({ what: "seed", why: "Gemini takes 32-bit seeds", silent: true });
  return undefined;
}

function writeOutput(output: OutputShape, quirks: Quirks): JsonObject {
  switch (output.type) {
    case "text":
      return { responseMimeType: "text/plain" };
    case "json":
      return { responseMimeType: "application/json" };
    case "schema":
      return {
        responseMimeType: "application/json",
        ...(quirks.jsonSchemaParameters
          ? { responseJsonSchema: output.schema }
          : { responseSchema: writeSchema(output.schema) }),
      };
  }
}

function writeThinking(
  reasoning: Reasoning | undefined,
  target: TargetModel,
  maxOutputTokens: number | undefined,
  kept: unknown,
): JsonObject | undefined {
  const generation = generationOf(target.id);
  const thinks = target.reasoning ?? (generation === undefined ? !isGemma(target.id) : generation >= 2.5);
  const amount: JsonObject =
    reasoning && thinks ? writeAmount(reasoning, target.id, generation, maxOutputTokens) : {};
  const visible = reasoning && thinks ? isVisible(reasoning) : undefined;
  const config = {
    ...(isObject(kept) && kept),
    ...amount,
    // Thoughts that are turned off cannot be shown: Gemini answers 400.
    ...(visible !== undefined &&
      !(visible && amount["thinkingBudget"] === 0) && { includeThoughts: visible }),
  };
  return Object.keys(config).length > 0 ? config : undefined;
}

/** Google's open models answer 400 to any thinking setting. */
const isGemma = (modelId: string): boolean => modelId.includes("gemma");

/** Who asks for thinking in any way wants to see it, unless it says otherwise. */
function isVisible(reasoning: Reasoning): boolean | undefined {
  if (reasoning.visible !== undefined) return reasoning.visible;
  const asked =
    (reasoning.summary !== undefined && reasoning.summary !== "none") ||
    reasoning.budget !== undefined ||
    reasoning.adaptive ||
    (reasoning.effort !== undefined && reasoning.effort !== "none");
  return asked ? true : undefined;
}

/** Models before 3 take a budget of tokens, models since 3 a level; both at once are refused. */
function writeAmount(
  reasoning: Reasoning,
  modelId: string,
  generation: number | undefined,
  maxOutputTokens: number | undefined,
): JsonObject {
  if (generation !== undefined && generation < 3) {
    const budget = reasoning.budget ?? (reasoning.effort && budgetOf(reasoning.effort));
    if (budget === undefined) return reasoning.adaptive ? { thinkingBudget: -1 } : {};
    return { thinkingBudget: clampedBudget(budget, modelId, maxOutputTokens) };
  }
  if (generation === undefined && reasoning.effort === undefined) {
    const budget = reasoning.budget ?? (reasoning.adaptive ? -1 : undefined);
    return budget === undefined ? {} : { thinkingBudget: budget };
  }
  const effort =
    reasoning.effort ?? (reasoning.budget === undefined ? undefined : effortOf(reasoning.budget));
  const level = effort && nearestEffort(effort, levelsOf(modelId));
  return level ? { thinkingLevel: level.toUpperCase() } : {};
}

/** Least and most thinking tokens of the 2.5 family; 0 is off, which only Pro cannot. https://ai.google.dev/gemini-api/docs/thinking */
function clampedBudget(budget: number, modelId: string, maxOutputTokens: number | undefined): number {
  const [least, most] = modelId.includes("pro")
    ? [128, 32_768]
    : modelId.includes("lite")
      ? [512, 24_576]
      : [1, 24_576];
  if (budget <= 0 && !modelId.includes("pro")) return 0;
  const room = maxOutputTokens === undefined ? most : Math.min(most, maxOutputTokens - 1);
  return Math.max(least, Math.min(budget, room));
}

/** The levels a model knows: the first Pro lacked two, no Pro has the lowest. https://ai.google.dev/gemini-api/docs/thinking */
function levelsOf(modelId: string): readonly Effort[] {
  if (/gemini-3-pro/.test(modelId)) return ["low", "high"];
  if (/\bpro\b/.test(modelId)) return ["low", "medium", "high"];
  return ["minimal", "low", "medium", "high"];
}
