import type { ProviderDefinition } from "../core/provider.ts";
import { anthropic } from "./anthropic.ts";
import { assemblyai } from "./assemblyai.ts";
import { cerebras } from "./cerebras.ts";
import { cohere } from "./cohere.ts";
import { cursor } from "./cursor.ts";
import { deepgram } from "./deepgram.ts";
import { deepseek } from "./deepseek.ts";
import { fireworks } from "./fireworks.ts";
import { gemini } from "./gemini.ts";
import { glm } from "./glm.ts";
import { groq } from "./groq.ts";
import { hyperbolic } from "./hyperbolic.ts";
import { iflow } from "./iflow.ts";
import { kimiCoding } from "./kimi-coding.ts";
import { kimi } from "./kimi.ts";
import { llamacpp } from "./llamacpp.ts";
import { lmstudio } from "./lmstudio.ts";
import { minimaxCn } from "./minimax-cn.ts";
import { minimax } from "./minimax.ts";
import { mistral } from "./mistral.ts";
import { mock } from "./mock.ts";
import { nanobanana } from "./nanobanana.ts";
import { nebius } from "./nebius.ts";
import { nvidia } from "./nvidia.ts";
import { ollama } from "./ollama.ts";
import { openai } from "./openai.ts";
import { openrouter } from "./openrouter.ts";
import { perplexity } from "./perplexity.ts";
import { qwen } from "./qwen.ts";
import { siliconflow } from "./siliconflow.ts";
import { together } from "./together.ts";
import { vllm } from "./vllm.ts";
import { xai } from "./xai.ts";

export { providerOfNode } from "./nodes.ts";

/** Every provider this program knows, in the order of the tiers and, within a tier, of lists. */
export const PROVIDERS: readonly ProviderDefinition[] = [
  cursor,
  kimiCoding,

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

  glm,
  minimax,
  minimaxCn,
  kimi,

  iflow,
  qwen,
  ollama,
  lmstudio,
  vllm,
  llamacpp,
  mock,
];
