import { defineProvider } from "../core/provider.ts";

/** Stable Diffusion web UI on this machine, started with `--api`. https://github.com/AUTOMATIC1111/stable-diffusion-webui/wiki/API */
export const sdwebui = defineProvider({
  id: "sdwebui",
  name: "Stable Diffusion web UI",
  tier: "free",
  auth: { type: "optional-key" },
  baseUrl: "http://localhost:7860",
  chat: [],
  services: { images: { dialect: "sdwebui", path: "/sdapi/v1/txt2img" } },
  keyCheckPath: "/sdapi/v1/options",
  models: [],
});
