import { bearer } from "./auth.ts";
import { defineProvider } from "../core/provider.ts";

/** https://docs.nanobananaapi.ai: a reseller of Google's image models; pictures are tasks that are waited for. */
export const nanobanana = defineProvider({
  id: "nanobanana",
  prefixes: ["nb"],
  name: "NanoBanana API",
  tier: "api-key",
  status: {
    state: "works",
    note: "A reseller that has nothing to do with Google; its address and calls may change.",
    source: "https://docs.nanobananaapi.ai",
  },
  auth: bearer,
  baseUrl: "https://api.nanobananaapi.ai",
  chat: [],
  services: { images: { dialect: "nanobanana", path: "/api/v1/nanobanana" } },
  keyCheckPath: "/api/v1/common/credit",
  keyUrl: "https://nanobananaapi.ai/api-key",
  models: [
    { id: "nanobanana-flash", type: "image" },
    { id: "nanobanana-pro", type: "image" },
  ],
});
