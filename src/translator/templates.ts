import type { ChatRequest, Tool } from "../core/request.ts";
import { FORMAT_IDS } from "../core/reply.ts";
import { encodeFor } from "./translate.ts";
import { shownName } from "./format-names.ts";
import type { JsonObject } from "../lib/json.ts";

/** A request to begin with, in every format that can be written: documented format name → body. */
export type Template = { id: string; name: string; bodies: { [format: string]: JsonObject } };

const WEATHER: Tool = {
  type: "function",
  name: "get_weather",
  description: "The weather of a city now.",
  parameters: { type: "object", properties: { city: { type: "string" } }, required: ["city"] },
};
const PIXEL =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

const ask = (text: string): ChatRequest["messages"][number] => ({
  role: "user",
  parts: [{ type: "text", text }],
});
const SYSTEM: ChatRequest["messages"][number] = {
  role: "system",
  parts: [{ type: "text", text: "You answer in one sentence." }],
};

const REQUESTS: readonly { id: string; name: string; request: Omit<ChatRequest, "model" | "stream"> }[] = [
  { id: "simple", name: "A question", request: { messages: [ask("What is the capital of France?")] } },
  {
    id: "system",
    name: "System prompt and settings",
    request: {
      messages: [SYSTEM, ask("Why is the sky blue?")],
      temperature: 0.2,
      maxOutputTokens: 256,
      stop: ["\n\n"],
    },
  },
  {
    id: "turns",
    name: "A conversation",
    request: {
      messages: [
        SYSTEM,
        ask("My name is Ada."),
        { role: "assistant", parts: [{ type: "text", text: "Hello, Ada." }] },
        ask("What is my name?"),
      ],
    },
  },
  {
    id: "tools",
    name: "Tools, a call and its result",
    request: {
      messages: [
        ask("Is it raining in Oslo?"),
        {
          role: "assistant",
          parts: [{ type: "tool-call", id: "call_1", name: "get_weather", input: '{"city":"Oslo"}' }],
        },
        {
          role: "user",
          parts: [{ type: "tool-result", id: "call_1", output: [{ type: "text", text: "Rain, 7 °C" }] }],
        },
      ],
      tools: [WEATHER],
      toolChoice: { type: "auto" },
    },
  },
  {
    id: "image",
    name: "A picture",
    request: {
      messages: [
        {
          role: "user",
          parts: [
            { type: "text", text: "Which colour is this?" },
            { type: "media", kind: "image", mediaType: "image/png", data: PIXEL },
          ],
        },
      ],
    },
  },
  {
    id: "reasoning",
    name: "Reasoning",
    request: {
      messages: [ask("Is 221 a prime number?")],
      reasoning: { effort: "high" },
      maxOutputTokens: 8192,
    },
  },
  {
    id: "schema",
    name: "An answer with a schema",
    request: {
      messages: [ask("Name a city and its country.")],
      output: {
        type: "schema",
        name: "city",
        schema: {
          type: "object",
          properties: { city: { type: "string" }, country: { type: "string" } },
          required: ["city", "country"],
          additionalProperties: false,
        },
      },
    },
  },
];

/** Requests to begin with, each written in every format. */
export function listTemplates(): Template[] {
  return REQUESTS.map(({ id, name, request }) => ({ id, name, bodies: bodiesOf(request) }));
}

function bodiesOf(request: Omit<ChatRequest, "model" | "stream">): Template["bodies"] {
  return Object.fromEntries(
    FORMAT_IDS.map((format) => {
      const { body } = encodeFor({ ...request, model: "example-model", stream: false }, format);
      return [shownName(format), format === "gemini" ? { model: "example-model", ...body } : body];
    }),
  );
}
