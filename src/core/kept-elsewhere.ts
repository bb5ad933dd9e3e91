import { GatewayError } from "./errors.ts";
import type { ChatRequest } from "./request.ts";

/**
 * Refuses a request whose content lies at another provider: a conversation, prompt or item named by its id. Left out,
 * the model would answer to something else than was asked. Throws `GatewayError` (`unsupported`).
 */
export function refuseKeptElsewhere({ previousResponseId, keptElsewhere }: ChatRequest): void {
  const field = previousResponseId === undefined ? keptElsewhere : "previous_response_id";
  if (field === undefined) return;
  throw new GatewayError(
    "unsupported",
    `${field} names something that is not kept at this provider: send the whole conversation.`,
    { param: field },
  );
}
