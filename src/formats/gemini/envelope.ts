import { randomUUID } from "node:crypto";
import type { TargetModel } from "../../core/format.ts";
import type { Quirks } from "../../core/quirks.ts";
import type { JsonObject } from "../../lib/json.ts";

/**
 * The body as Code Assist and Antigravity take it: around the request stand the model and the account's project. What
 * they answer is unwrapped by the decoders. https://github.com/google-gemini/gemini-cli (packages/core, converter.ts)
 */
export function enveloped(request: JsonObject, target: TargetModel, { envelope }: Quirks): JsonObject {
  const project = target.account?.projectId;
  const outside = { model: target.id, ...(typeof project === "string" && { project }) };
  switch (envelope) {
    case undefined:
      return request;
    case "code-assist":
      return { ...outside, user_prompt_id: randomUUID(), request };
    case "antigravity":
      return { ...outside, requestType: "agent", requestId: randomUUID(), request };
  }
}
