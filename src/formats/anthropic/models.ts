import type { TargetModel } from "../../core/format.ts";
import type { Effort } from "../../core/request.ts";

/**
 * What a model behind this wire accepts. Claude's generations differ, and a field too much is a 400:
 * https://platform.claude.com/docs/en/about-claude/models/migration-guide
 */
export type ModelFacts = {
  /** Anthropic's own models know hosted tools, betas, structured output; others only speak the wire. */
  claude: boolean;
  /** Which forms of thinking it takes. */
  thinking: "none" | "budget" | "both" | "adaptive";
  /** How it is told not to think: by leaving the field out, by a word, or not at all. */
  off: "omit" | "disabled" | "between_tools" | "never";
  /** Values of `output_config.effort`; empty when it does not know the field. */
  efforts: readonly Effort[];
  /** `temperature`, `top_p`, `top_k`: all, not two of them together, or none. */
  sampling: "all" | "one" | "none";
  structuredOutput: boolean;
  /** Takes `system` turns in the middle of a conversation. */
  systemTurns: boolean;
  /** May go on from an assistant turn at the end. */
  prefill: boolean;
  /** `tool_choice` may force a call. */
  forcedTools: boolean;
  /** Output limit to assume when the catalogue does not know the model. */
  maxOutputTokens: number;
};

/** The facts about a target's model, by its id. Ids without a version are taken for the newest. */
export function modelFacts(target: TargetModel): ModelFacts {
  const facts = target.id.toLowerCase().includes("claude") ? claudeFacts(target.id.toLowerCase()) : OTHERS;
  return target.reasoning === false && facts.thinking !== "adaptive"
    ? { ...facts, thinking: "none", off: "omit" }
    : facts;
}

/** Other vendors' models on this wire follow Claude as it was in 2025. */
const OTHERS: ModelFacts = {
  claude: false,
  thinking: "budget",
  off: "disabled",
  efforts: [],
  sampling: "all",
  structuredOutput: false,
  systemTurns: false,
  prefill: true,
  forcedTools: true,
  maxOutputTokens: 32_000,
};

function claudeFacts(id: string): ModelFacts {
  const version = claudeVersion(id) ?? NEWEST;
  const has = (family: string) => id.includes(family);
  return {
    claude: true,
    thinking: thinkingForms(version),
    off: wayToTurnOff(version, has),
    efforts: effortsOf(version, has),
    sampling: version >= 407 ? "none" : version >= 401 ? "one" : "all",
    structuredOutput: version >= 405 || (version >= 401 && has("opus")),
    systemTurns: version >= 408 && !(has("sonnet") && version < 505),
    prefill: version < 406,
    forcedTools: version < (has("opus") ? 505 : has("fable") || has("mythos") ? 501 : Infinity),
    maxOutputTokens: version < 305 ? 4096 : version < 307 ? 8192 : 32_000,
  };
}

function thinkingForms(version: number): ModelFacts["thinking"] {
  if (version < 307) return "none";
  if (version < 406) return "budget";
  return version < 407 ? "both" : "adaptive";
}

function wayToTurnOff(version: number, has: (family: string) => boolean): ModelFacts["off"] {
  if (version < 500) return "omit";
  if (has("fable") || has("mythos") || (has("opus") && version >= 505)) return "never";
  return has("sonnet") && version >= 505 ? "between_tools" : "disabled";
}

function effortsOf(version: number, has: (family: string) => boolean): readonly Effort[] {
  if (version >= 407) return ["low", "medium", "high", "xhigh", "max"];
  if (version >= 406) return has("opus") ? ["low", "medium", "high", "max"] : ["low", "medium", "high"];
  return version >= 405 && has("opus") ? ["low", "medium", "high"] : [];
}

/**
 * The generation in an id, as major × 100 + minor: `claude-sonnet-4-5-20250929` → 405, `claude-3-7-sonnet-latest` →
 * 307, `us.anthropic.claude-opus-4-6-v1:0` → 406, `claude-opus-4-20250514` → 400.
 */
function claudeVersion(id: string): number | undefined {
  const found = /claude-(?:[a-z]+-)?(\d{1,2})(?!\d)(?:[-.](\d{1,2})(?!\d))?/.exec(id);
  return found ? Number(found[1]) * 100 + Number(found[2] ?? 0) : undefined;
}

const NEWEST = 9900;
