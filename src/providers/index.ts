import type { ProviderDefinition } from "../core/provider.ts";
import { aimlapi } from "./aimlapi.ts";
import { alibaba } from "./alibaba.ts";
import { alicode } from "./alicode.ts";
import { alicodeIntl } from "./alicode-intl.ts";
import { anthropic } from "./anthropic.ts";
import { antigravity } from "./antigravity.ts";
import { assemblyai } from "./assemblyai.ts";
import { bailianCodingPlan } from "./bailian-coding-plan.ts";
import { blackbox } from "./blackbox.ts";
import { cartesia } from "./cartesia.ts";
import { cerebras } from "./cerebras.ts";
import { claude } from "./claude.ts";
import { cline } from "./cline.ts";
import { cloudflareAi } from "./cloudflare-ai.ts";
import { codex } from "./codex.ts";
import { cohere } from "./cohere.ts";
import { cursor } from "./cursor.ts";
import { deepgram } from "./deepgram.ts";
import { deepseek } from "./deepseek.ts";
import { elevenlabs } from "./elevenlabs.ts";
import { fireworks } from "./fireworks.ts";
import { gemini } from "./gemini.ts";
import { geminiCli } from "./gemini-cli.ts";
import { github } from "./github.ts";
import { glm } from "./glm.ts";
import { groq } from "./groq.ts";
import { huggingface } from "./huggingface.ts";
import { hyperbolic } from "./hyperbolic.ts";
import { iflow } from "./iflow.ts";
import { inworld } from "./inworld.ts";
import { jina } from "./jina.ts";
import { kiloGateway } from "./kilo-gateway.ts";
import { kilocode } from "./kilocode.ts";
import { kimi } from "./kimi.ts";
import { kimiCoding } from "./kimi-coding.ts";
import { kiro } from "./kiro.ts";
import { llamacpp } from "./llamacpp.ts";
import { lmstudio } from "./lmstudio.ts";
import { longcat } from "./longcat.ts";
import { minimax } from "./minimax.ts";
import { minimaxCn } from "./minimax-cn.ts";
import { mistral } from "./mistral.ts";
import { mock } from "./mock.ts";
import { nanobanana } from "./nanobanana.ts";
import { nebius } from "./nebius.ts";
import { nvidia } from "./nvidia.ts";
import { ollama } from "./ollama.ts";
import { ollamaCloud } from "./ollama-cloud.ts";
import { openai } from "./openai.ts";
import { opencodeGo } from "./opencode-go.ts";
import { opencodeZen } from "./opencode-zen.ts";
import { openrouter } from "./openrouter.ts";
import { perplexity } from "./perplexity.ts";
import { pollinations } from "./pollinations.ts";
import { qwen } from "./qwen.ts";
import { scaleway } from "./scaleway.ts";
import { sdwebui } from "./sdwebui.ts";
import { siliconflow } from "./siliconflow.ts";
import { synthetic } from "./synthetic.ts";
import { together } from "./together.ts";
import { vertex } from "./vertex.ts";
import { vllm } from "./vllm.ts";
import { voyage } from "./voyage.ts";
import { xai } from "./xai.ts";
import { zai } from "./zai.ts";

export { providerOfNode } from "./nodes.ts";

/** Every provider this program knows, in the order of the tiers and, within a tier, of lists. */
export const PROVIDERS: readonly ProviderDefinition[] = [
  claude,
  codex,
  github,
  geminiCli,
  antigravity,
  cursor,
  kimiCoding,
  kilocode,
  cline,

  openai,
  anthropic,
  gemini,
  openrouter,
  deepseek,
  groq,
  xai,
  mistral,
  perplexity,
  together,
  fireworks,
  cerebras,
  cohere,
  nvidia,
  nebius,
  siliconflow,
  hyperbolic,
  deepgram,
  assemblyai,
  nanobanana,

  vertex,
  zai,
  alibaba,
  alicodeIntl,
  alicode,
  bailianCodingPlan,
  huggingface,
  ollamaCloud,
  opencodeZen,
  opencodeGo,
  kiloGateway,
  synthetic,
  scaleway,
  cloudflareAi,
  longcat,
  blackbox,
  aimlapi,
  pollinations,
  jina,
  voyage,
  elevenlabs,
  cartesia,
  inworld,

  glm,
  minimax,
  minimaxCn,
  kimi,

  kiro,
  iflow,
  qwen,
  ollama,
  lmstudio,
  vllm,
  llamacpp,
  sdwebui,
  mock,
];
