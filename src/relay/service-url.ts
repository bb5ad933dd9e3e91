import type { ChatService } from "../core/provider.ts";
import type { Target } from "../core/target.ts";

/** The address of a target's chat service; the model's id is escaped so that it can never leave its place. */
export function serviceUrl(target: Target, service: ChatService, stream: boolean): string {
  const base = (target.connection.baseUrl ?? target.provider.baseUrl).replace(/\/+$/, "");
  const verb = stream ? "streamGenerateContent?alt=sse" : "generateContent";
  return base + service.path.replace("{model}", encodeURIComponent(target.modelId)).replace("{verb}", verb);
}

/** Was the address typed in by a person (a node, an overridden base URL), and so must be checked at dial time? */
export function isUserEntered(target: Target): boolean {
  return target.connection.baseUrl !== undefined || target.provider.id.includes("-compatible-");
}
