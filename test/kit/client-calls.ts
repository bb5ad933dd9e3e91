/** The four protocols of clients: how a plain question is asked in each, and how answers and errors are read. */
export type ClientProtocol = {
  name: string;
  path(model: string, stream: boolean): string;
  body(model: string, stream: boolean): object;
  /** The text of an answer. */
  text(wire: string, stream: boolean): string;
  /** Does a stream end as its protocol says a good one does? */
  endsWell(wire: string): boolean;
  /** The message of an error answer, or of the error inside a stream; undefined when there is none. */
  error(wire: string): string | undefined;
};

const jsonIn = (wire: string): any[] =>
  wire
    .split("\n")
    .filter((line) => line.startsWith("data: {"))
    .map((line) => JSON.parse(line.slice(6)));

const user = (content: string) => [{ role: "user", content }];

export const CLIENT_PROTOCOLS: readonly ClientProtocol[] = [
  {
    name: "chat",
    path: () => "/v1/chat/completions",
    body: (model, stream) => ({ model, stream, messages: user("hi") }),
    text: (wire, stream) =>
      stream
        ? jsonIn(wire)
            .map((chunk) => chunk.choices?.[0]?.delta?.content ?? "")
            .join("")
        : JSON.parse(wire).choices[0].message.content,
    endsWell: (wire) => wire.endsWith("data: [DONE]\n\n") && wire.includes('"finish_reason":"stop"'),
    error: (wire) => errorIn(wire)?.message,
  },
  {
    name: "responses",
    path: () => "/v1/responses",
    body: (model, stream) => ({ model, stream, input: "hi" }),
    text: (wire, stream) =>
      stream
        ? jsonIn(wire)
            .filter(({ type }) => type === "response.output_text.delta")
            .map(({ delta }) => delta)
            .join("")
        : JSON.parse(wire)
            .output.filter(({ type }: { type: string }) => type === "message")
            .flatMap(({ content }: { content: { text: string }[] }) => content)
            .map(({ text }: { text: string }) => text)
            .join(""),
    endsWell: (wire) => wire.includes('"type":"response.completed"') && !wire.includes("[DONE]"),
    error: (wire) =>
      errorIn(wire)?.message ??
      jsonIn(wire).find(({ type }) => type === "response.failed")?.response?.error?.message ??
      jsonIn(wire).find(({ type }) => type === "error")?.message,
  },
  {
    name: "messages",
    path: () => "/v1/messages",
    body: (model, stream) => ({ model, stream, max_tokens: 100, messages: user("hi") }),
    text: (wire, stream) =>
      stream
        ? jsonIn(wire)
            .map((event) => (event.type === "content_block_delta" ? (event.delta.text ?? "") : ""))
            .join("")
        : JSON.parse(wire)
            .content.map(({ text }: { text?: string }) => text ?? "")
            .join(""),
    endsWell: (wire) => wire.includes('"type":"message_stop"') && wire.includes("end_turn"),
    error: (wire) => errorIn(wire)?.message,
  },
  {
    name: "gemini",
    path: (model, stream) =>
      `/v1beta/models/${model}:${stream ? "streamGenerateContent?alt=sse" : "generateContent"}`,
    body: () => ({ contents: [{ role: "user", parts: [{ text: "hi" }] }] }),
    text: (wire, stream) =>
      (stream ? jsonIn(wire) : [JSON.parse(wire)])
        .flatMap((chunk) => chunk.candidates?.[0]?.content?.parts ?? [])
        .map(({ text }: { text?: string }) => text ?? "")
        .join(""),
    endsWell: (wire) => wire.includes('"finishReason":"STOP"'),
    error: (wire) => errorIn(wire)?.message,
  },
];

/** The `error` object of a whole answer or of one event in a stream. */
function errorIn(wire: string): { message: string } | undefined {
  const objects = wire.startsWith("{") ? [JSON.parse(wire)] : jsonIn(wire);
  return objects.map(({ error }) => error).find((error) => typeof error?.message === "string");
}
