/** One kind of call: where to, what, and how its answer is told complete. */
export type Call = { path: string; body: string; complete(text: string): boolean };

const CHAT = "/v1/chat/completions";
const MESSAGES = "/v1/messages";

const isWhole = (text: string) => text.endsWith("}");
const isDone = (text: string) => text.includes("[DONE]");
const isStopped = (text: string) => text.includes("message_stop");

const QUESTION = [{ role: "user", content: "Say something." }];
const SENTENCE = "All work and no play makes a dull day. ";
/** A hundred turns of two kilobytes. */
const HISTORY = Array.from({ length: 100 }, (_, turn) => ({
  role: turn % 2 === 0 ? "user" : "assistant",
  content: SENTENCE.repeat(52),
}));
const PICTURE = [
  {
    role: "user",
    content: [
      { type: "text", text: "What is this?" },
      { type: "image_url", image_url: { url: `data:image/png;base64,${"iVBORw0KGgoA".repeat(87_000)}` } },
    ],
  },
];

/** A call to a chat completions path; `model` as the callee knows it. */
export function chat(model: string, messages: object[] = QUESTION): Call {
  return { path: CHAT, body: JSON.stringify({ model, messages }), complete: isWhole };
}

export function chatStream(model: string, question?: string): Call {
  const messages = question === undefined ? QUESTION : [{ role: "user", content: question }];
  const body = { model, messages, stream: true, stream_options: { include_usage: true } };
  return { path: CHAT, body: JSON.stringify(body), complete: isDone };
}

export function messages(model: string): Call {
  const body = { model, max_tokens: 1000, messages: QUESTION };
  return { path: MESSAGES, body: JSON.stringify(body), complete: isWhole };
}

export function messagesStream(model: string): Call {
  const body = { model, max_tokens: 1000, messages: QUESTION, stream: true };
  return { path: MESSAGES, body: JSON.stringify(body), complete: isStopped };
}

/** 200 KB in a hundred turns. */
export const longChat = (model: string): Call => chat(model, HISTORY);

/** One picture of a megabyte. */
export const pictureChat = (model: string): Call => chat(model, PICTURE);
