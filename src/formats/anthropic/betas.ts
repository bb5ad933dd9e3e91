import type { ChatRequest } from "../../core/request.ts";
import { isObject } from "../../lib/json.ts";
import type { ModelFacts } from "./models.ts";
import { ownFields, type Fields } from "./wire.ts";

/**
 * The `anthropic-beta` words without which Anthropic would refuse what a body says, and those a client put into its
 * body. Other vendors' models get none.
 */
export function betasOf(body: Fields, request: ChatRequest, facts: ModelFacts): string[] {
  if (!facts.claude) return [];
  const asked = ownFields(request)["betas"];
  const betas = new Set(
    Array.isArray(asked) ? asked.filter((beta): beta is string => typeof beta === "string") : [],
  );
  for (const [beta, isNeeded] of NEEDED) if (isNeeded(body)) betas.add(beta);
  if (
    effortIsBeta(String(body["model"])) &&
    isObject(body["output_config"]) &&
    "effort" in body["output_config"]
  )
    betas.add("effort-2025-11-24");
  return [...betas];
}

const hasTool = (body: Fields, type: RegExp): boolean =>
  Array.isArray(body["tools"]) &&
  body["tools"].some((tool) => isObject(tool) && type.test(String(tool["type"])));

const hasEdit = (body: Fields, type: string): boolean => {
  const management = body["context_management"];
  if (!isObject(management) || !Array.isArray(management["edits"])) return false;
  return management["edits"].some((edit) => isObject(edit) && edit["type"] === type);
};

/** https://platform.claude.com/docs/en/api/beta-headers */
const NEEDED: readonly [string, (body: Fields) => boolean][] = [
  ["context-management-2025-06-27", (body) => isObject(body["context_management"])],
  ["compact-2026-01-12", (body) => hasEdit(body, "compact_20260112")],
  ["mcp-client-2025-11-20", (body) => Array.isArray(body["mcp_servers"])],
  ["structured-outputs-2025-11-13", (body) => isObject(body["output_format"])],
  ["fast-mode-2026-02-01", (body) => body["speed"] === "fast"],
  ["code-execution-2025-05-22", (body) => hasTool(body, /^code_execution_20250522$/)],
  ["computer-use-2025-01-24", (body) => hasTool(body, /^computer_20250124$/)],
  ["computer-use-2025-11-24", (body) => hasTool(body, /^computer_20251124$/)],
];

/** Only the first model with efforts had them in beta. */
const effortIsBeta = (model: string): boolean => /opus-4[-.]5/.test(model);
