import { defineProvider } from "../core/provider.ts";
import { bearer } from "./auth.ts";

/** https://api.jina.ai/redoc: vectors and rankings for search; it does not chat. */
export const jina = defineProvider({
  id: "jina",
  name: "Jina AI",
  tier: "api-key",
  auth: bearer,
  baseUrl: "https://api.jina.ai/v1",
  chat: [],
  services: {
    embeddings: {
      dialect: "openai",
      path: "/embeddings",
      quirks: {
        purposes: { query: "retrieval.query", document: "retrieval.passage" },
        rename: { input_type: "task" },
        drop: ["user"],
      },
    },
    rerank: { dialect: "cohere", path: "/rerank" },
  },
  keyUrl: "https://jina.ai/api-dashboard",
  models: [
    { id: "jina-embeddings-v3", type: "embedding", context: 8192, dimensions: 1024 },
    { id: "jina-embeddings-v4", type: "embedding", context: 32_768, dimensions: 2048 },
    { id: "jina-embeddings-v5-text-small", type: "embedding" },
    { id: "jina-embeddings-v5-text-nano", type: "embedding" },
    { id: "jina-reranker-v2-base-multilingual", type: "rerank" },
    { id: "jina-reranker-v3", type: "rerank" },
  ],
});
