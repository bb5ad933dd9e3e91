import { askedEffort, budgetOf, nearestEffort } from "../../core/effort.ts";
import type { Loss } from "../../core/format.ts";
import type { Quirks } from "../../core/quirks.ts";
import { EFFORTS, type ChatRequest, type Effort, type Reasoning } from "../../core/request.ts";
import { isObject } from "../../lib/json.ts";
import type { ModelFacts } from "./models.ts";
import { ownFields, requiredString, type Fields } from "./wire.ts";

/** What `thinking` and `output_config` say about how much to think. Throws `bad_request` for a missing type. */
export function readReasoning(
  thinking: Fields | undefined,
  outputConfig: Fields | undefined,
): Reasoning | undefined {
  const effort = EFFORTS.find((word) => word === outputConfig?.["effort"]);
  const asked = effort ? { effort } : {};
  if (!thinking) return effort && asked;
  const visible =
    thinking["display"] === "omitted" || thinking["display"] === "summarized"
      ? { visible: thinking["display"] === "summarized" }
      : {};
  switch (requiredString(thinking, "type", "thinking")) {
    case "disabled":
      return { effort: "none" };
    case "enabled":
      return typeof thinking["budget_tokens"] === "number"
        ? { ...asked, budget: thinking["budget_tokens"], ...visible }
        : { ...asked, adaptive: true, ...visible };
    default:
      return { ...asked, adaptive: true, ...visible };
  }
}

export type WrittenThinking = {
  thinking?: Fields;
  effort?: string;
  /** The model will think, so sampling is not free. */
  active: boolean;
};

export type Situation = {
  facts: ModelFacts;
  quirks: Quirks;
  maxTokens: number;
  /** A call is forced: Claude refuses that together with a thinking budget. */
  forcedTool: boolean;
  /**
   * The turn before the last tool results begins without a thinking block, because another model made it or its
   * proof was not ours to send. Claude refuses a thinking budget then.
   */
  unsignedToolTurn: boolean;
};

/** How the wish to think is said to a model, within what it takes. Adds to `losses` what had to be left out. */
export function writeThinking(request: ChatRequest, situation: Situation, losses: Loss[]): WrittenThinking {
  const { reasoning } = request;
  const { facts, quirks } = situation;
  if (!reasoning || quirks.reasoningControl === "none") return { active: false };
  const asSaid = thinkingAsSaid(request, situation);
  if (asSaid) return asSaid;
  const effort = askedEffort(reasoning);
  if (onlyEffortSaid(request)) return { ...effortField(effort, situation), active: false };
  if (effort === "none") return turnedOff(situation);
  if (facts.thinking === "none") return { active: false };
  const fixed = facts.thinking === "budget" || (facts.thinking === "both" && reasoning.budget !== undefined);
  if (fixed) return withBudget(reasoning, situation, losses);
  return {
    thinking: { type: "adaptive", ...(wantsToSee(reasoning) && { display: "summarized" }) },
    ...effortField(effort, situation),
    active: true,
  };
}

/** A Messages client's own words stand while nobody changed what they mean and the model knows them. */
function thinkingAsSaid(request: ChatRequest, situation: Situation): WrittenThinking | undefined {
  const own = ownFields(request);
  const thinking = isObject(own["thinking"]) ? own["thinking"] : undefined;
  const outputConfig = isObject(own["output_config"]) ? own["output_config"] : undefined;
  if (!thinking && !outputConfig) return undefined;
  if (!Bun.deepEquals(readReasoning(thinking, outputConfig), request.reasoning)) return undefined;
  if (!knows(thinking, outputConfig, situation)) return undefined;
  const effort = outputConfig?.["effort"];
  return {
    ...(thinking && { thinking }),
    ...(typeof effort === "string" && { effort }),
    active: thinking !== undefined && thinking["type"] !== "disabled",
  };
}

function knows(
  thinking: Fields | undefined,
  outputConfig: Fields | undefined,
  { facts, quirks, maxTokens, forcedTool, unsignedToolTurn }: Situation,
): boolean {
  const effort = outputConfig?.["effort"];
  // Nothing is known of other vendors' models; they are built for the clients that speak this wire.
  const efforts: readonly string[] | undefined = quirks.efforts ?? (facts.claude ? facts.efforts : undefined);
  if (typeof effort === "string" && efforts && !efforts.includes(effort)) return false;
  const budget = thinking?.["budget_tokens"];
  if (!facts.claude) return typeof budget !== "number" || budget < maxTokens;
  switch (thinking?.["type"]) {
    case undefined:
      return true;
    case "enabled":
      return (
        facts.thinking !== "none" &&
        facts.thinking !== "adaptive" &&
        typeof budget === "number" &&
        budget < maxTokens &&
        !forcedTool &&
        !unsignedToolTurn
      );
    case "disabled":
      return facts.off !== "never" && facts.off !== "between_tools" && facts.thinking !== "none";
    case "between_tools":
      return facts.off === "between_tools";
    default:
      return facts.thinking === "both" || facts.thinking === "adaptive";
  }
}

/** On this wire an effort alone is about the whole answer and turns no thinking on. */
function onlyEffortSaid(request: ChatRequest): boolean {
  const own = ownFields(request);
  if (own["thinking"] !== undefined || !isObject(own["output_config"])) return false;
  return Bun.deepEquals(readReasoning(undefined, own["output_config"]), request.reasoning);
}

function turnedOff(situation: Situation): WrittenThinking {
  switch (situation.facts.off) {
    case "omit":
      return { active: false };
    case "disabled":
      return { thinking: { type: "disabled" }, active: false };
    case "between_tools":
      return { thinking: { type: "between_tools" }, active: true };
    case "never":
      return { ...effortField("low", situation), active: true };
  }
}

const SMALLEST_BUDGET = 1024;

function withBudget(reasoning: Reasoning, situation: Situation, losses: Loss[]): WrittenThinking {
  const { facts, maxTokens, forcedTool, unsignedToolTurn } = situation;
  const leftOut = (why: string): WrittenThinking => {
    losses.push({ what: "thinking", why });
    return { active: false };
  };
  if (facts.claude && forcedTool) return leftOut("this model cannot think before a forced tool call");
  if (facts.claude && unsignedToolTurn)
    return leftOut("the last tool call was made by another model, whose thinking this one cannot continue");
  const wanted = reasoning.budget ?? budgetOf(reasoning.effort ?? "medium");
  // A budget the client counted itself may take all but one token; one of ours leaves a fifth for the answer.
  const most = reasoning.budget === undefined ? Math.floor(maxTokens * 0.8) : maxTokens - 1;
  const budget = Math.min(Math.max(wanted, SMALLEST_BUDGET), most);
  if (budget < SMALLEST_BUDGET) return leftOut(`an answer of ${maxTokens} tokens leaves no room for it`);
  return { thinking: { type: "enabled", budget_tokens: budget }, active: true };
}

function effortField(effort: Effort | undefined, { facts, quirks }: Situation): { effort?: string } {
  const nearest = effort && nearestEffort(effort, quirks.efforts ?? facts.efforts);
  return nearest ? { effort: nearest } : {};
}

/** Newer models send no thinking text unless asked to. */
const wantsToSee = (reasoning: Reasoning): boolean =>
  reasoning.visible ?? (reasoning.summary !== undefined && reasoning.summary !== "none");
