import type { ChatService } from "../core/provider.ts";
import type { Part, ProviderFormatId } from "../core/reply.ts";
import type { ChatRequest } from "../core/request.ts";

/**
 * Is this service the vendor's own of its format? Only such answers go out as they came, and so with bare proofs; all
 * other proofs are sealed on their way to the client and come back with their maker's name.
 */
export const isVendorsOwn = (service: ChatService): boolean => service.quirks?.clean === true;

/**
 * The request without the bare proofs of a format's own vendor, which another maker's service would refuse. Towards
 * chat clients every proof is sealed: what came bare is from before this gateway, and whose, nobody can say.
 */
export function withoutUnnamedProofs(request: ChatRequest, format: ProviderFormatId): ChatRequest {
  if (format === "openai-chat") return request;
  const isUnnamed = ({ proof }: Part) => proof?.maker === "" && proof.format === format;
  if (!request.messages.some(({ parts }) => parts.some(isUnnamed))) return request;
  const messages = request.messages.map((message) => ({
    ...message,
    parts: message.parts.flatMap((part) => (isUnnamed(part) ? unproved(part) : [part])),
  }));
  return { ...request, messages };
}

/** Thoughts keep their words alone: with their vendor's fields they would still be asked for their proof. */
function unproved(part: Part): Part[] {
  if (part.type === "reasoning")
    return part.redacted || part.text === "" ? [] : [{ type: "reasoning", text: part.text }];
  const { proof: _proof, ...rest } = part;
  return [rest];
}
