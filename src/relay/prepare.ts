import type { Settings } from "../core/settings.ts";
import { EFFORTS, type ChatRequest, type Effort } from "../core/request.ts";

type Step = (request: ChatRequest, settings: Settings) => ChatRequest;

/** What is done to every request before it is planned, in this order. Each step is off unless a setting says so. */
const STEPS: readonly { applies(settings: Settings): boolean; step: Step }[] = [
  {
    applies: ({ systemPrompt }) => systemPrompt.enabled && systemPrompt.prompt !== "",
    step: addSystemPrompt,
  },
  { applies: ({ thinkingBudget }) => thinkingBudget.mode !== "passthrough", step: setThinking },
];

/**
 * The request as the settings want it; undefined when no step applies, so that the client's own bytes may go on.
 * `decode` is called only when something applies.
 */
export function prepare(decode: () => ChatRequest, settings: Settings): ChatRequest | undefined {
  let request: ChatRequest | undefined;
  for (const { applies, step } of STEPS) if (applies(settings)) request = step(request ?? decode(), settings);
  return request;
}

function addSystemPrompt(request: ChatRequest, { systemPrompt }: Settings): ChatRequest {
  return {
    ...request,
    messages: [{ role: "system", parts: [{ type: "text", text: systemPrompt.prompt }] }, ...request.messages],
  };
}

function setThinking(request: ChatRequest, { thinkingBudget }: Settings): ChatRequest {
  const { reasoning, ...rest } = request;
  switch (thinkingBudget.mode) {
    case "passthrough":
      return request;
    case "auto":
      return rest;
    case "custom":
      return { ...rest, reasoning: { ...kept(reasoning), budget: thinkingBudget.customBudget } };
    case "adaptive":
      return {
        ...rest,
        reasoning: { ...kept(reasoning), effort: adaptiveEffort(request, thinkingBudget.effortLevel) },
      };
  }
}

/** What the client wants to see of the reasoning stays as it says. */
function kept(reasoning: ChatRequest["reasoning"]): ChatRequest["reasoning"] {
  const { summary, visible } = reasoning ?? {};
  return { ...(summary !== undefined && { summary }), ...(visible !== undefined && { visible }) };
}

const LONG_TURN_CHARACTERS = 2000;
const MANY_TURNS = 10;

/** From the level of the setting: one step more for long or tool-heavy work, one step less for a short question. */
function adaptiveEffort(request: ChatRequest, level: Settings["thinkingBudget"]["effortLevel"]): Effort {
  if (level === "none") return "none";
  const last = request.messages.findLast((message) => message.role === "user");
  const length =
    last?.parts.reduce((sum, part) => sum + (part.type === "text" ? part.text.length : 0), 0) ?? 0;
  const working = (request.tools?.length ?? 0) > 0;
  const step =
    length > LONG_TURN_CHARACTERS || (working && request.messages.length > MANY_TURNS) ? 1 : working ? 0 : -1;
  const steps: readonly Effort[] = EFFORTS.slice(EFFORTS.indexOf("low"), EFFORTS.indexOf("high") + 1);
  const at = Math.min(steps.length - 1, Math.max(0, steps.indexOf(level) + step));
  return steps[at] ?? level;
}
