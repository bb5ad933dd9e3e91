import { defineProvider } from "../core/provider.ts";
import { bearer } from "./auth.ts";
import { audio, sharing } from "./sharing.ts";

export const minimaxCn = defineProvider({
  id: "minimax-cn",
  name: "MiniMax (China)",
  tier: "cheap",
  auth: bearer,
  baseUrl: "https://api.minimaxi.com",
  chat: [
    { format: "anthropic", path: "/anthropic/v1/messages", headers: { "anthropic-version": "2023-06-01" } },
  ],
  // https://platform.minimaxi.com/docs/api-reference/api-overview
  services: {
    images: { dialect: "minimax", path: "/v1/image_generation" },
    speech: { dialect: "minimax", path: "/v1/t2a_v2", quirks: { voice: "male-qn-qingse" } },
  },
  keyUrl: "https://platform.minimaxi.com/user-center/basic-information/interface-key",
  mainModel: "MiniMax-M3",
  models: [
    ...sharing({ reasoning: true, tools: true }, [
      { id: "MiniMax-M2.7", context: 204_800, maxOutput: 131_072, price: [0.3137, 1.2549, 0.0627, 0.3922] },
      {
        id: "MiniMax-M2.7-highspeed",
        context: 204_800,
        maxOutput: 131_072,
        price: [0.6275, 2.5098, 0.0627, 0.3922],
      },
      { id: "MiniMax-M3", context: 1_000_000, maxOutput: 524_288, price: [0.3137, 1.2549, 0.0627] },
      { id: "MiniMax-M3.1-Flash", context: 1_000_000, maxOutput: 524_288, price: [0.1494, 0.5976, 0.0149] },
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
