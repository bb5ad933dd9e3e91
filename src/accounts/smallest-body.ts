import type { Credentials } from "../core/connection.ts";
import type { ChatService } from "../core/provider.ts";
import { NO_QUIRKS, type Quirks } from "../core/quirks.ts";
import type { JsonObject } from "../lib/json.ts";

/** The smallest chat call that a service allows: one word in, one token out, and what it insists on. */
export function smallestBody(service: ChatService, model: string, credentials: Credentials): JsonObject {
  const { quirks = NO_QUIRKS } = service;
  const body = { ...bodyIn(service, model, quirks, credentials), ...quirks.fixed };
  const kept = Object.entries(body).filter(([field]) => !quirks.drop?.includes(field));
  return Object.fromEntries(kept.map(([field, value]) => [quirks.rename?.[field] ?? field, value]));
}

function bodyIn(
  { format }: ChatService,
  model: string,
  quirks: Quirks,
  credentials: Credentials,
): JsonObject {
  const messages = [{ role: "user", content: "Hi" }];
  const stream = quirks.streamOnly && { stream: true };
  switch (format) {
    case "openai-chat":
      return { model, messages, [quirks.maxTokensField ?? "max_tokens"]: 1, ...stream };
    case "openai-responses":
      return {
        model,
        input: [{ type: "message", role: "user", content: [{ type: "input_text", text: "Hi" }] }],
        // Fewer than 16 are refused: https://platform.openai.com/docs/api-reference/responses/create
        max_output_tokens: 16,
        ...(quirks.needsInstructions && { instructions: "Answer with one word." }),
        ...stream,
      };
    case "anthropic":
      return { model, messages, max_tokens: 1, ...stream };
    case "gemini": {
      const contents = [{ role: "user", parts: [{ text: "Hi" }] }];
      const request = { contents, generationConfig: { maxOutputTokens: 1 } };
      return quirks.envelope ? { model, ...text("project", credentials.projectId), request } : request;
    }
    case "kiro": {
      const userInputMessage = { content: "Hi", modelId: model, origin: "AI_EDITOR" };
      const conversation = {
        chatTriggerType: "MANUAL",
        conversationId: crypto.randomUUID(),
        currentMessage: { userInputMessage },
      };
      return { conversationState: conversation, ...text("profileArn", credentials.profileArn) };
    }
  }
}

const text = (field: string, value: unknown): JsonObject =>
  typeof value === "string" ? { [field]: value } : {};
