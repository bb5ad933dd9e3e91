import type { DialectOf, ServiceFormat, ServiceKind } from "../../core/services.ts";
import { cohere as cohereEmbeddings } from "./embeddings/cohere.ts";
import { gemini as geminiEmbeddings } from "./embeddings/gemini.ts";
import { openai as openaiEmbeddings } from "./embeddings/openai.ts";
import { openai as openaiEdits } from "./images/edit-openai.ts";
import { xai as xaiEdits } from "./images/edit-xai.ts";
import { fireworks as fireworksImages } from "./images/fireworks.ts";
import { gemini as geminiImages, geminiEdits } from "./images/gemini.ts";
import { hyperbolic as hyperbolicImages } from "./images/hyperbolic.ts";
import { minimax as minimaxImages } from "./images/minimax.ts";
import { nanobanana as nanobananaImages } from "./images/nanobanana.ts";
import { openai as openaiImages } from "./images/openai.ts";
import { sdwebui as sdwebuiImages } from "./images/sdwebui.ts";
import { openai as openaiModeration } from "./moderation/openai.ts";
import { cohere as cohereRerank } from "./rerank/cohere.ts";
import { nvidia as nvidiaRerank } from "./rerank/nvidia.ts";
import { cartesia } from "./speech/cartesia.ts";
import { deepgram as deepgramSpeech } from "./speech/deepgram.ts";
import { elevenlabs } from "./speech/elevenlabs.ts";
import { gemini as geminiSpeech } from "./speech/gemini.ts";
import { hyperbolic as hyperbolicSpeech } from "./speech/hyperbolic.ts";
import { inworld } from "./speech/inworld.ts";
import { minimax as minimaxSpeech } from "./speech/minimax.ts";
import { openai as openaiSpeech } from "./speech/openai.ts";
import { xai as xaiSpeech } from "./speech/xai.ts";
import { assemblyai } from "./transcription/assemblyai.ts";
import { deepgram as deepgramTranscription } from "./transcription/deepgram.ts";
import { openai as openaiTranscription } from "./transcription/openai.ts";
import { openrouter } from "./transcription/openrouter.ts";

/** Every shape of every service, by the names providers give them in their declarations. */
export const SERVICE_FORMATS: {
  readonly [Kind in ServiceKind]: Readonly<Record<DialectOf<Kind>, ServiceFormat<Kind>>>;
} = {
  embeddings: { openai: openaiEmbeddings, cohere: cohereEmbeddings, gemini: geminiEmbeddings },
  images: {
    openai: openaiImages,
    fireworks: fireworksImages,
    gemini: geminiImages,
    hyperbolic: hyperbolicImages,
    minimax: minimaxImages,
    nanobanana: nanobananaImages,
    sdwebui: sdwebuiImages,
  },
  imageEdits: { openai: openaiEdits, gemini: geminiEdits, xai: xaiEdits },
  transcription: { openai: openaiTranscription, assemblyai, deepgram: deepgramTranscription, openrouter },
  speech: {
    openai: openaiSpeech,
    cartesia,
    deepgram: deepgramSpeech,
    elevenlabs,
    gemini: geminiSpeech,
    hyperbolic: hyperbolicSpeech,
    inworld,
    minimax: minimaxSpeech,
    xai: xaiSpeech,
  },
  moderation: { openai: openaiModeration },
  rerank: { cohere: cohereRerank, nvidia: nvidiaRerank },
};
