import type { JsonObject } from "../../lib/json.ts";

/** The fields of Kiro's `GenerateAssistantResponse` that are written. */
export type WireImage = { format: string; source: { bytes: string } };
export type WireToolUse = { toolUseId: string; name: string; input: JsonObject };
export type WireToolResult = {
  toolUseId: string;
  status: "success" | "error";
  content: { text: string }[];
};
export type WireTool = {
  toolSpecification: { name: string; description: string; inputSchema: { json: JsonObject } };
};
export type UserMessage = {
  content: string;
  modelId: string;
  origin: "AI_EDITOR";
  images?: WireImage[];
  userInputMessageContext?: { tools?: WireTool[]; toolResults?: WireToolResult[] };
};
export type AssistantMessage = { content: string; toolUses?: WireToolUse[] };
export type HistoryEntry = { userInputMessage: UserMessage } | { assistantResponseMessage: AssistantMessage };

/** Longest description of a tool; one character more is answered with a 500. */
export const MAX_DESCRIPTION = 10_240;
export const TOOL_NAMES = { pattern: /^[a-zA-Z][a-zA-Z0-9_]*$/, maxLength: 64 };
export const MAX_OUTPUT_TOKENS = 32_000;
