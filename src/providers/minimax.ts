import { defineProvider } from "../core/provider.ts";
import { bearer } from "./auth.ts";
import { audio, sharing } from "./sharing.ts";

export const minimax = defineProvider({
  id: "minimax",
  name: "MiniMax",
  tier: "cheap",
  auth: bearer,
  baseUrl: "https://api.minimax.io",
  chat: [
    { format: "anthropic", path: "/anthropic/v1/messages", headers: { "anthropic-version": "2023-06-01" } },
    { format: "openai-chat", path: "/v1/chat/completions", quirks: { thinkTags: true, echoReasoning: true } },
  ],
  services: {
    images: { dialect: "minimax", path: "/v1/image_generation" },
    speech: { dialect: "minimax", path: "/v1/t2a_v2", quirks: { voice: "English_expressive_narrator" } },
  },
  keyUrl: "https://platform.minimax.io/user-center/basic-information/interface-key",
  mainModel: "MiniMax-M3",
  models: [
    ...sharing({ reasoning: true, tools: true }, [
      { id: "MiniMax-M2.7", context: 204_800, maxOutput: 131_072, price: [0.3, 1.2, 0.06, 0.375] },
      { id: "MiniMax-M2.7-highspeed", context: 204_800, maxOutput: 131_072, price: [0.6, 2.4, 0.06, 0.375] },
      { id: "MiniMax-M3", context: 1_000_000, maxOutput: 524_288, price: [0.3, 1.2, 0.06] },
      { id: "MiniMax-M3.1-Flash", context: 1_000_000, maxOutput: 524_288, price: [0.15, 0.6, 0.015] },
      {
        id: "MiniMax-M2.1",
        context: 204_800,
        maxOutput: 131_072,
        price: [0.3, 1.2],
        status: { state: "works", note: "Superseded by M2.7 and M3.", replacement: "MiniMax-M3" },
      },
    ]),
    { id: "image-01", type: "image" },
    ...audio(["speech"], [{ id: "speech-2.6-hd" }, { id: "speech-2.6-turbo" }]),
  ],
});
