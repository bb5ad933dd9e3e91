import type { Seen, Step } from "./upstream.ts";

/** What a service in OpenAI's shape answers, by the end of its path; 404 for what it does not have. */
export function openaiService(seen: Seen): Step {
  const answer = ANSWERS.find(([end]) => seen.path.split("?", 1)[0]!.endsWith(end));
  return answer
    ? answer[1](seen)
    : { type: "json", status: 404, body: { error: { message: `There is no ${seen.path} here.` } } };
}

export const VECTOR = [0.5, -1, 0.25];
/** One white pixel. */
export const PICTURE =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
export const TRANSCRIPT = "Good morning. How are you?";

const inputsOf = ({ body }: Seen): unknown[] => (Array.isArray(body.input) ? body.input : [body.input]);

const ANSWERS: readonly (readonly [end: string, answer: (seen: Seen) => Step])[] = [
  [
    "/embeddings",
    (seen) => ({
      type: "json",
      body: {
        object: "list",
        data: inputsOf(seen).map((_input, index) => ({
          object: "embedding",
          index,
          embedding: seen.body.encoding_format === "base64" ? base64Of(VECTOR) : VECTOR,
        })),
        model: seen.body.model,
        usage: { prompt_tokens: 8, total_tokens: 8 },
      },
    }),
  ],
  ["/images/generations", () => pictures],
  ["/images/edits", () => pictures],
  [
    "/audio/speech",
    () => ({ type: "stream", headers: { "content-type": "audio/mpeg" }, chunks: ["ID3", "-one", "-two"] }),
  ],
  ["/audio/transcriptions", transcript],
  [
    "/moderations",
    () => ({
      type: "json",
      body: {
        id: "modr-1",
        model: "omni-moderation-2024-09-26",
        results: [{ flagged: true, categories: { violence: true }, category_scores: { violence: 0.98 } }],
      },
    }),
  ],
  [
    "/rerank",
    () => ({
      type: "json",
      body: {
        id: "rerank-1",
        results: [
          { index: 1, relevance_score: 0.9 },
          { index: 0, relevance_score: 0.1 },
        ],
        meta: { billed_units: { search_units: 1 } },
      },
    }),
  ],
];

const pictures: Step = {
  type: "json",
  body: {
    created: 1_700_000_000,
    data: [{ b64_json: PICTURE }],
    usage: { input_tokens: 10, output_tokens: 100, total_tokens: 110 },
  },
};

function transcript(seen: Seen): Step {
  const format = /name="response_format"\r\n\r\n(\w+)/.exec(seen.text)?.[1] ?? "json";
  switch (format) {
    case "text":
      return { type: "text", body: `${TRANSCRIPT}\n` };
    case "srt":
      return { type: "text", body: `1\n00:00:00,000 --> 00:00:02,500\n${TRANSCRIPT}\n` };
    case "vtt":
      return { type: "text", body: `WEBVTT\n\n00:00.000 --> 00:02.500\n${TRANSCRIPT}\n` };
    case "verbose_json":
      return {
        type: "json",
        body: {
          task: "transcribe",
          language: "english",
          duration: 2.5,
          text: TRANSCRIPT,
          segments: [
            { id: 0, seek: 0, start: 0, end: 1, text: " Good morning.", tokens: [1], avg_logprob: -0.1 },
            { id: 1, seek: 0, start: 1, end: 2.5, text: " How are you?", tokens: [2], avg_logprob: -0.2 },
          ],
        },
      };
    default:
      return { type: "json", body: { text: TRANSCRIPT, usage: { type: "duration", seconds: 3 } } };
  }
}

function base64Of(vector: readonly number[]): string {
  return Buffer.from(Float32Array.from(vector).buffer).toString("base64");
}
