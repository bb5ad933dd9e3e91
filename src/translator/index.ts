import type { Store } from "../store/index.ts";
import { type BenchResult, runBench } from "./bench.ts";
import { chatTest, type ChatTest, type ChatTestDeps } from "./chat-test.ts";
import { detect } from "./detect.ts";
import { badRequest } from "../core/errors.ts";
import { type FormatChoice, listFormats, shownName } from "./format-names.ts";
import type { TranslationEvent, TranslationHistory } from "./history.ts";
import { sendToProvider } from "./provider-stream.ts";
import { listSamples, loadSample, removeSample, saveSample } from "./samples.ts";
import { listTemplates, type Template } from "./templates.ts";
import { translate, type Translation } from "./translate.ts";

export { benchInput, type BenchResult, type ModelResult, type PairResult } from "./bench.ts";
export { chatTestInput, type ChatTest } from "./chat-test.ts";
export type { Kind } from "./detect.ts";
export type { FormatChoice } from "./format-names.ts";
export { TranslationHistory, type TranslationEvent } from "./history.ts";
export { sendInput } from "./provider-stream.ts";
export type { Exchange } from "./tap.ts";
export type { Template } from "./templates.ts";
export { translationInput, type Translation } from "./translate.ts";

export type TranslatorDeps = ChatTestDeps & { store: Store; history: TranslationHistory };

/** What the Translator page and its API do. Everything throws `GatewayError` with a sentence for the person. */
export function createTranslator(deps: TranslatorDeps) {
  return {
    /** All formats by documented name, and who speaks each. */
    formats: (): FormatChoice[] => listFormats(),
    /** Requests to begin with, in every format. */
    templates: (): Template[] => listTemplates(),
    /** What a body or a stream's text is. Throws `bad_request` when it looks like nothing. */
    detect(body: unknown) {
      const found = detect(body);
      if (!found) throw badRequest("The body looks like no format we know.", "body");
      return { format: shownName(found.format), kind: found.kind };
    },
    /** One stage of a translation, or the whole of it; nothing is sent. */
    translate: (input: unknown): Translation => translate(deps.catalogue(), input),
    /** Sends for real and shows the four stages. */
    chat: (input: unknown, signal: AbortSignal): Promise<ChatTest> => chatTest(deps, input, signal),
    /** Cases over pairs of formats, and over models for real; `onProgress` hears how far it is. */
    bench: (
      input: unknown,
      signal: AbortSignal,
      onProgress?: (done: number, total: number) => void,
    ): Promise<BenchResult> => runBench(deps, input, signal, onProgress),
    /** Sends for real and gives the provider's own stream. */
    send: (input: unknown, signal: AbortSignal): Promise<Response> => sendToProvider(deps, input, signal),
    /** The newest translations of real calls first; `total` since the start. */
    history: (limit?: number): { events: TranslationEvent[]; total: number } => ({
      events: deps.history.list(limit),
      total: deps.history.total,
    }),
    samples: {
      list: (): string[] => listSamples(deps.store),
      load: (file: unknown): string => loadSample(deps.store, file),
      save: (file: unknown, content: unknown): void => saveSample(deps.store, file, content),
      remove: (file: unknown): boolean => removeSample(deps.store, file),
    },
  };
}

export type Translator = ReturnType<typeof createTranslator>;
