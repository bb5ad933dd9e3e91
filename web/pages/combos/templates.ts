import type { ComboEntry } from "../../../src/core/combo.ts";
import type { ComboStrategy } from "../../../src/core/strategy-names.ts";
import type { MessageKey } from "../../i18n/index.ts";

/** A combo to start from. */
export type ComboTemplate = {
  name: string;
  purpose: MessageKey;
  strategy: ComboStrategy;
  models: ComboEntry[];
};

const inOrder = (name: string, purpose: MessageKey, ...models: string[]): ComboTemplate => ({
  name,
  purpose,
  strategy: "priority",
  models: models.map((model) => ({ model })),
});

/** The combos of the documents, made in one step; legs that are gone since then are shown as such. */
export const TEMPLATES: readonly ComboTemplate[] = [
  inOrder("try-it", "template.try-it", "mock/429?after=1", "mock/cut?at=0", "mock/echo"),
  inOrder(
    "maximize-claude",
    "template.maximize-claude",
    "cc/claude-opus-4-6",
    "glm/glm-4.7",
    "if/kimi-k2-thinking",
  ),
  inOrder(
    "premium-coding",
    "template.premium-coding",
    "cc/claude-opus-4-6",
    "glm/glm-4.7",
    "minimax/MiniMax-M2.1",
  ),
  inOrder(
    "always-on",
    "template.always-on",
    "cc/claude-opus-4-6",
    "cx/gpt-5.2-codex",
    "glm/glm-4.7",
    "minimax/MiniMax-M2.1",
    "if/kimi-k2-thinking",
  ),
  inOrder(
    "my-coding-stack",
    "template.my-coding-stack",
    "cc/claude-opus-4-6",
    "nvidia/llama-3.3-70b",
    "glm/glm-4.7",
    "if/kimi-k2-thinking",
  ),
  inOrder(
    "free-forever",
    "template.free-forever",
    "gc/gemini-3-flash",
    "if/kimi-k2-thinking",
    "qw/qwen3-coder-plus",
  ),
  inOrder(
    "free-combo",
    "template.free-combo",
    "gc/gemini-3-flash-preview",
    "if/kimi-k2-thinking",
    "qw/qwen3-coder-plus",
  ),
  inOrder("openclaw-free", "template.openclaw-free", "if/glm-4.7", "if/minimax-m2.1", "if/kimi-k2-thinking"),
];
