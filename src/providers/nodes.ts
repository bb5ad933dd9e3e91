import type { ProviderNode } from "../core/node.ts";
import {
  type ChatService,
  defineProvider,
  type ProviderDefinition,
  type Services,
} from "../core/provider.ts";

/** A user's own endpoint, seen as a provider. Its base URL was entered by a person: send with `userEntered`. */
export function providerOfNode(node: ProviderNode): ProviderDefinition {
  return defineProvider({
    id: node.id,
    prefixes: [node.prefix],
    name: node.name,
    tier: "api-key",
    auth:
      node.type === "anthropic-compatible" ? { type: "key", header: "x-api-key" } : { type: "optional-key" },
    baseUrl: node.baseUrl,
    chat: [chatOfNode(node)],
    ...(node.type === "openai-compatible" && { services: SERVICES }),
    modelsPath: slashed(node.modelsPath ?? "/models"),
    models: [],
  });
}

/** Everything of OpenAI's that such a server may have; it says by itself what it lacks. */
const SERVICES: Services = {
  embeddings: { dialect: "openai", path: "/embeddings" },
  images: { dialect: "openai", path: "/images/generations" },
  imageEdits: { dialect: "openai", path: "/images/edits" },
  transcription: { dialect: "openai", path: "/audio/transcriptions" },
  speech: { dialect: "openai", path: "/audio/speech" },
  moderation: { dialect: "openai", path: "/moderations" },
  rerank: { dialect: "cohere", path: "/rerank" },
};

function chatOfNode(node: ProviderNode): ChatService {
  if (node.type === "anthropic-compatible") {
    const path = slashed(node.chatPath ?? "/messages");
    return {
      format: "anthropic",
      path,
      // Where there is none, tokens are estimated as for everybody else.
      countPath: path.replace(/(?=\?|$)/, "/count_tokens"),
      headers: { "anthropic-version": "2023-06-01" },
    };
  }
  if (node.apiType === "responses")
    return { format: "openai-responses", path: slashed(node.chatPath ?? "/responses") };
  return {
    format: "openai-chat",
    path: slashed(node.chatPath ?? "/chat/completions"),
    quirks: { thinkTags: true },
  };
}

/** A path typed without its first slash would become a part of the host. */
const slashed = (path: string): string => (path.startsWith("/") ? path : `/${path}`);
