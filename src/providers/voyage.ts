import { defineProvider } from "../core/provider.ts";
import { bearer } from "./auth.ts";

/** https://docs.voyageai.com/reference: vectors and rankings for search; it does not chat. */
export const voyage = defineProvider({
  id: "voyage",
  name: "Voyage AI",
  tier: "api-key",
  auth: bearer,
  baseUrl: "https://api.voyageai.com/v1",
  chat: [],
  services: {
    embeddings: {
      dialect: "openai",
      path: "/embeddings",
      quirks: {
        purposes: { query: "query", document: "document" },
        rename: { dimensions: "output_dimension" },
        drop: ["user"],
      },
    },
    rerank: { dialect: "cohere", path: "/rerank", quirks: { rename: { top_n: "top_k" } } },
  },
  keyUrl: "https://dashboard.voyageai.com/organization/api-keys",
  // https://docs.voyageai.com/docs/pricing
  models: [
    { id: "voyage-3.5", type: "embedding", context: 32_000, dimensions: 1024, price: [0.06, 0] },
    { id: "voyage-3.5-lite", type: "embedding", context: 32_000, dimensions: 1024, price: [0.02, 0] },
    { id: "voyage-3-large", type: "embedding", context: 32_000, dimensions: 1024, price: [0.18, 0] },
    { id: "voyage-code-3", type: "embedding", context: 32_000, dimensions: 1024, price: [0.18, 0] },
    { id: "rerank-2.5", type: "rerank", context: 32_000, price: [0.05, 0] },
    { id: "rerank-2.5-lite", type: "rerank", context: 32_000, price: [0.02, 0] },
  ],
});
