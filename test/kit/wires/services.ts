import { expect } from "bun:test";
import type { DialectOf, ServiceKind } from "../../../src/core/services.ts";
import { PICTURE, VECTOR } from "../service-answers.ts";
import type { Deed, Sent } from "../scripted-outbound.ts";
import { googleRefusals, HEARD, json, openaiRefusals, type Wire } from "./wire.ts";

/** What the gateway is asked for every service; see `askService` in the table test. */
export const TEXT = "hello";
export const VOICE = "voice-1";
export const PROMPT = "a cat";
export const QUERY = "which?";
export const DOCUMENTS = ["first", "second"];

const audio: Deed = { type: "stream", headers: { "content-type": "audio/mpeg" }, chunks: ["ID3", "-sound"] };
const audioText = Buffer.from("ID3-sound").toString("base64");
const seconds = { units: { seconds: 3 } };
const oneImage = { units: { images: 1 } };
const characters = { units: { characters: TEXT.length } };

const picture = json({
  created: 1_700_000_000,
  data: [{ b64_json: PICTURE }],
  usage: { input_tokens: 100, output_tokens: 10, total_tokens: 110 },
});

/** What Gemini generates beside text. */
const generated = (mimeType: string, data: string): Deed =>
  json({
    candidates: [
      { content: { role: "model", parts: [{ inlineData: { mimeType, data } }] }, finishReason: "STOP" },
    ],
    usageMetadata: { promptTokenCount: 100, candidatesTokenCount: 1000, totalTokenCount: 1100 },
  });

/** MiniMax says no with status 200. */
const minimaxRefusals: Wire["refusals"] = {
  credentials: json({
    base_resp: { status_code: 1004, status_msg: "login fail: please check your api key" },
  }),
  "rate-limited": json({ base_resp: { status_code: 1002, status_msg: "rate limit exceeded" } }),
};

/** `{message}` beside a status, as Cohere and a few others refuse. */
const plainRefusals: Wire["refusals"] = {
  credentials: json({ message: "invalid api token" }, 401),
  "rate-limited": json({ message: "Please wait and try again later" }, 429),
};

/** The services' shapes. */
export const SERVICE_WIRES: {
  readonly [Kind in ServiceKind]: { readonly [Dialect in DialectOf<Kind>]: Wire };
} = {
  embeddings: {
    openai: {
      answer: ({ body }) =>
        json({
          object: "list",
          data: [{ object: "embedding", index: 0, embedding: VECTOR }],
          model: body.model,
          usage: { prompt_tokens: 100, total_tokens: 100 },
        }),
      check([{ body }], model) {
        expect(body).toMatchObject({ model, input: TEXT });
        expect(body).not.toHaveProperty("encoding_format");
      },
      usage: { input: 100, output: 0 },
      refusals: openaiRefusals,
    },
    cohere: {
      answer: () =>
        json({ id: "e1", embeddings: { float: [VECTOR] }, meta: { billed_units: { input_tokens: 100 } } }),
      check: ([{ body }], model) =>
        expect(body).toEqual({
          model,
          texts: [TEXT],
          input_type: "search_document",
          embedding_types: ["float"],
        }),
      usage: { input: 100, output: 0 },
      refusals: plainRefusals,
    },
    gemini: {
      answer: () => json({ embeddings: [{ values: VECTOR }], usageMetadata: { promptTokenCount: 100 } }),
      check: ([{ body }], model) =>
        expect(body).toEqual({
          requests: [{ model: `models/${model}`, content: { parts: [{ text: TEXT }] } }],
        }),
      usage: { input: 100, output: 0 },
      refusals: googleRefusals,
    },
  },

  images: {
    openai: {
      answer: () => picture,
      check: ([{ body }], model) => expect(body).toMatchObject({ model, prompt: PROMPT }),
      usage: oneImage,
      refusals: openaiRefusals,
    },
    fireworks: {
      answer: () => json({ id: "f1", base64: [PICTURE], finishReason: "SUCCESS", seed: 1 }),
      check: ([{ body }]) => expect(body).toEqual({ prompt: PROMPT, aspect_ratio: "1:1" }),
      usage: oneImage,
      refusals: openaiRefusals,
    },
    gemini: {
      answer: () => generated("image/png", PICTURE),
      check: ([{ body }]) =>
        expect(body).toEqual({
          contents: [{ role: "user", parts: [{ text: PROMPT }] }],
          generationConfig: { responseModalities: ["IMAGE"], imageConfig: { aspectRatio: "1:1" } },
        }),
      usage: { input: 100, output: 1000, ...oneImage },
      refusals: googleRefusals,
    },
    hyperbolic: {
      answer: () => json({ images: [{ index: 0, image: PICTURE }], inference_time: 1.2 }),
      check: ([{ body }], model) =>
        expect(body).toEqual({ model_name: model, prompt: PROMPT, width: 512, height: 512 }),
      usage: oneImage,
      refusals: plainRefusals,
    },
    minimax: {
      answer: () =>
        json({ data: { image_base64: [PICTURE] }, base_resp: { status_code: 0, status_msg: "success" } }),
      check: ([{ body }], model) =>
        expect(body).toEqual({ model, prompt: PROMPT, n: 1, response_format: "url", aspect_ratio: "1:1" }),
      usage: oneImage,
      refusals: minimaxRefusals,
    },
    nanobanana: {
      answer: ({ url }) =>
        url.includes("/record-info")
          ? json({
              code: 200,
              msg: "success",
              data: {
                taskId: "t1",
                successFlag: 1,
                response: { resultImageUrl: "https://cdn.example/a.png" },
              },
            })
          : json({ code: 200, msg: "success", data: { taskId: "t1" } }),
      check([begun, looked]) {
        expect(begun.body).toEqual({ prompt: PROMPT, type: "TEXTTOIAMGE", numImages: 1, image_size: "1:1" });
        expect(looked!.method).toBe("GET");
        expect(looked!.url).toEndWith("/api/v1/nanobanana/record-info?taskId=t1");
      },
      usage: oneImage,
      refusals: {
        credentials: json({ code: 401, msg: "You do not have access permissions" }),
        "rate-limited": json({ code: 429, msg: "Your call frequency is too high. Please try again later." }),
      },
    },
    sdwebui: {
      answer: () => json({ images: [PICTURE], parameters: {}, info: "{}" }),
      check: ([{ body }]) =>
        expect(body).toMatchObject({ prompt: PROMPT, width: 512, height: 512, batch_size: 1 }),
      usage: oneImage,
      refusals: plainRefusals,
    },
  },

  imageEdits: {
    openai: {
      answer: () => picture,
      check: ([sent], model) =>
        expectForm(sent, { model, prompt: PROMPT }, 'name="image"; filename="cat.png"'),
      usage: oneImage,
      refusals: openaiRefusals,
    },
    gemini: {
      answer: () => generated("image/png", PICTURE),
      check: ([{ body }]) =>
        expect(body.contents[0].parts).toEqual([
          { text: PROMPT },
          { inlineData: { mimeType: "image/png", data: PICTURE } },
        ]),
      usage: { input: 100, output: 1000, ...oneImage },
      refusals: googleRefusals,
    },
    xai: {
      answer: () => json({ data: [{ url: "https://cdn.example/a.png" }] }),
      check: ([{ body }], model) =>
        expect(body).toEqual({
          model,
          prompt: PROMPT,
          image: { type: "image_url", url: expect.stringMatching(/^data:image\/png;base64,/) },
        }),
      usage: oneImage,
      refusals: openaiRefusals,
    },
  },

  transcription: {
    openai: {
      answer: () => json({ text: HEARD, usage: { type: "duration", seconds: 3 } }),
      check: ([sent], model) =>
        expectForm(sent, formFields(sent.url, model), 'name="file"; filename="talk.mp3"'),
      usage: seconds,
      refusals: openaiRefusals,
    },
    deepgram: {
      answer: () =>
        json({
          metadata: { request_id: "d1", duration: 3, channels: 1 },
          results: {
            channels: [{ alternatives: [{ transcript: HEARD, confidence: 0.99, words: [] }] }],
            utterances: [],
          },
        }),
      check([{ url, headers, text }], model) {
        const query = Object.fromEntries(new URL(url).searchParams);
        expect(query).toEqual({ model, smart_format: "true", utterances: "true", language: "en" });
        expect(headers["content-type"]).toBe("audio/mpeg");
        expect(text).toBe("sound");
      },
      usage: seconds,
      refusals: {
        credentials: json(
          { err_code: "INVALID_AUTH", err_msg: "Invalid credentials.", request_id: "d1" },
          401,
        ),
        "rate-limited": json(
          { err_code: "TOO_MANY_REQUESTS", err_msg: "Too many requests.", request_id: "d1" },
          429,
        ),
      },
    },
    openrouter: {
      answer: () => json({ text: HEARD, usage: { seconds: 3, cost: 0.0003 } }),
      check: ([{ body }], model) =>
        expect(body).toEqual({
          model,
          input_audio: { data: Buffer.from("sound").toString("base64"), format: "mp3" },
          language: "en",
        }),
      usage: seconds,
      refusals: openaiRefusals,
    },
    assemblyai: {
      answer: ({ url, method }) => {
        if (url.endsWith("/v2/upload")) return json({ upload_url: "https://cdn.example/upload/1" });
        if (method === "POST") return json({ id: "t1", status: "queued" });
        return json({
          id: "t1",
          status: "completed",
          text: HEARD,
          audio_duration: 3,
          language_code: "en",
          words: [],
        });
      },
      check([uploaded, begun, looked], model) {
        expect(uploaded.text).toBe("sound");
        expect(uploaded.headers["content-type"]).toBe("application/octet-stream");
        expect(begun!.url).toBe("https://api.assemblyai.com/v2/transcript");
        expect(begun!.body).toEqual({
          audio_url: "https://cdn.example/upload/1",
          speech_models: [model],
          language_code: "en",
        });
        expect([looked!.method, looked!.url]).toEqual(["GET", "https://api.assemblyai.com/v2/transcript/t1"]);
      },
      usage: seconds,
      refusals: {
        credentials: json({ error: "Authentication error, API token missing/invalid" }, 401),
        "rate-limited": json({ error: "You have exceeded the rate limit" }, 429, { "retry-after": "20" }),
      },
    },
  },

  speech: {
    openai: {
      answer: () => audio,
      check: ([{ body }], model) => expect(body).toMatchObject({ model, input: TEXT, voice: VOICE }),
      usage: characters,
      refusals: openaiRefusals,
    },
    deepgram: {
      answer: () => audio,
      check([{ url, body }], model) {
        expect(Object.fromEntries(new URL(url).searchParams)).toEqual({ model, encoding: "mp3" });
        expect(body).toEqual({ text: TEXT });
      },
      usage: characters,
      refusals: {
        credentials: json(
          { err_code: "INVALID_AUTH", err_msg: "Invalid credentials.", request_id: "d1" },
          401,
        ),
        "rate-limited": json(
          { err_code: "TOO_MANY_REQUESTS", err_msg: "Too many requests.", request_id: "d1" },
          429,
        ),
      },
    },
    elevenlabs: {
      answer: () => audio,
      check([{ url, body }], model) {
        expect(new URL(url).searchParams.get("output_format")).toBe("mp3_44100_128");
        expect(body).toEqual({ text: TEXT, model_id: model });
      },
      usage: characters,
      refusals: {
        credentials: json({ detail: { status: "invalid_api_key", message: "Invalid API key" } }, 401),
        "rate-limited": json(
          { detail: { status: "too_many_concurrent_requests", message: "Too many concurrent requests." } },
          429,
        ),
      },
    },
    cartesia: {
      answer: () => audio,
      check: ([{ body }], model) =>
        expect(body).toMatchObject({
          model_id: model,
          transcript: TEXT,
          voice: { mode: "id", id: VOICE },
          output_format: { container: "mp3" },
        }),
      usage: characters,
      refusals: plainRefusals,
    },
    gemini: {
      answer: () => generated("audio/L16;codec=pcm;rate=24000", audioText),
      check: ([{ body }]) =>
        expect(body).toEqual({
          contents: [{ role: "user", parts: [{ text: TEXT }] }],
          generationConfig: {
            responseModalities: ["AUDIO"],
            speechConfig: { voiceConfig: { prebuiltVoiceConfig: { voiceName: VOICE } } },
          },
        }),
      usage: { input: 100, output: 1000, ...characters },
      refusals: googleRefusals,
    },
    hyperbolic: {
      answer: () => json({ audio: audioText, duration: 1 }),
      check: ([{ body }]) => expect(body).toEqual({ text: TEXT, speaker: VOICE }),
      usage: characters,
      refusals: plainRefusals,
    },
    inworld: {
      answer: () => json({ audioContent: audioText }),
      check: ([{ body }], model) =>
        expect(body).toEqual({
          text: TEXT,
          voiceId: VOICE,
          modelId: model,
          audioConfig: { audioEncoding: "MP3" },
        }),
      usage: characters,
      refusals: {
        credentials: json({ code: 16, message: "Invalid authorization credentials", details: [] }, 401),
        "rate-limited": json({ code: 8, message: "Resource exhausted", details: [] }, 429),
      },
    },
    minimax: {
      answer: () =>
        json({
          data: { audio: Buffer.from("ID3-sound").toString("hex"), status: 2 },
          base_resp: { status_code: 0, status_msg: "success" },
        }),
      check: ([{ body }], model) =>
        expect(body).toEqual({
          model,
          text: TEXT,
          stream: false,
          voice_setting: { voice_id: VOICE },
          audio_setting: { format: "mp3" },
        }),
      usage: characters,
      refusals: minimaxRefusals,
    },
    xai: {
      answer: () => audio,
      check: ([{ body }]) =>
        expect(body).toEqual({
          text: TEXT,
          voice_id: VOICE,
          language: "auto",
          output_format: { codec: "mp3" },
        }),
      usage: characters,
      refusals: openaiRefusals,
    },
  },

  moderation: {
    openai: {
      answer: () =>
        json({
          id: "modr-1",
          model: "m",
          results: [{ flagged: true, categories: { violence: true }, category_scores: { violence: 0.98 } }],
        }),
      check: ([{ body }], model) => expect(body).toEqual({ model, input: TEXT }),
      refusals: openaiRefusals,
    },
  },

  rerank: {
    cohere: {
      answer: () =>
        json({
          id: "r1",
          results: [
            { index: 1, relevance_score: 0.9 },
            { index: 0, relevance_score: 0.1 },
          ],
          meta: { billed_units: { search_units: 1 } },
          usage: { total_tokens: 100 },
        }),
      check: ([{ body }], model) => expect(body).toEqual({ model, query: QUERY, documents: DOCUMENTS }),
      usage: { units: { searches: 1 } },
      refusals: plainRefusals,
    },
    nvidia: {
      answer: () =>
        json({
          rankings: [
            { index: 1, logit: 2.2 },
            { index: 0, logit: -2.2 },
          ],
          usage: { prompt_tokens: 100, total_tokens: 100 },
        }),
      check: ([{ body }], model) =>
        expect(body).toEqual({
          model,
          query: { text: QUERY },
          passages: DOCUMENTS.map((text) => ({ text })),
        }),
      usage: { input: 100 },
      refusals: plainRefusals,
    },
  },
};

/** The fields of a transcription's form, under the names the vendors of each address give them. */
function formFields(url: string, model: string): { [name: string]: string } {
  const { hostname, pathname } = new URL(url);
  switch (hostname) {
    case "api.x.ai":
      return { language: "en" };
    case "api.siliconflow.com":
      return { model };
    case "api.elevenlabs.io":
      return { model_id: model, language_code: "en" };
    default:
      return { model, language: "en", ...(pathname === "/stt" && { "timestamp_granularities[]": "word" }) };
  }
}

function expectForm({ headers, text }: Sent, fields: { [name: string]: string }, file: string): void {
  expect(headers["content-type"]).toStartWith("multipart/form-data; boundary=");
  for (const [name, value] of Object.entries(fields))
    expect(text).toContain(`name="${name}"\r\n\r\n${value}\r\n`);
  expect(text).toContain(file);
}
