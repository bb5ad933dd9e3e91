/**
 * The provider of the benchmarks, in a process of its own: answers with canned bytes. Paths choose the format, the
 * model's name the shape; `GET /open` tells how many streams are open.
 */
const text = "The quick brown fox jumps over the lazy dog. ";

/** Streams by the model's name: how many chunks, and how many milliseconds apart. */
const SHAPES = {
  small: { chunks: 16, gapMs: 0 },
  big: { chunks: 256, gapMs: 0 },
  paced: { chunks: 100, gapMs: 20 },
  slow: { chunks: 32, gapMs: 250 },
} as const;
type Shape = keyof typeof SHAPES;
/** A stream without end, as fast as it is taken. */
const FLOOD = /"(?:\w+\/)?flood"/;
const REFUSE = /"(?:\w+\/)?refuse"/;

const chatWhole = JSON.stringify({
  id: "chatcmpl-bench",
  object: "chat.completion",
  created: 1_700_000_000,
  model: "bench",
  choices: [{ index: 0, message: { role: "assistant", content: text.repeat(10) }, finish_reason: "stop" }],
  usage: { prompt_tokens: 20, completion_tokens: 100, total_tokens: 120 },
});
const messagesWhole = JSON.stringify({
  id: "msg_bench",
  type: "message",
  role: "assistant",
  model: "bench",
  content: [{ type: "text", text: text.repeat(10) }],
  stop_reason: "end_turn",
  stop_sequence: null,
  usage: { input_tokens: 20, output_tokens: 100 },
});

const CHAT_HEAD = {
  id: "chatcmpl-bench",
  object: "chat.completion.chunk",
  created: 1_700_000_000,
  model: "bench",
};

function chatLine(value: object): string {
  return `data: ${JSON.stringify({ ...CHAT_HEAD, ...value })}\n\n`;
}

const chatDelta = (delta: object, finish: string | null = null): string =>
  chatLine({ choices: [{ index: 0, delta, finish_reason: finish }] });

function chatChunks(count: number): string[] {
  return [
    chatDelta({ role: "assistant", content: "" }),
    ...Array.from({ length: count }, () => chatDelta({ content: "word " })),
    chatDelta({}, "stop"),
    chatLine({
      choices: [],
      usage: { prompt_tokens: 20, completion_tokens: count, total_tokens: 20 + count },
    }),
    "data: [DONE]\n\n",
  ];
}

function messagesChunks(count: number): string[] {
  const event = (value: { type: string; [field: string]: unknown }) =>
    `event: ${value.type}\ndata: ${JSON.stringify(value)}\n\n`;
  const message = { ...(JSON.parse(messagesWhole) as object), content: [], stop_reason: null };
  const delta = event({
    type: "content_block_delta",
    index: 0,
    delta: { type: "text_delta", text: "word " },
  });
  return [
    event({ type: "message_start", message }),
    event({ type: "content_block_start", index: 0, content_block: { type: "text", text: "" } }),
    ...Array.from({ length: count }, () => delta),
    event({ type: "content_block_stop", index: 0 }),
    event({
      type: "message_delta",
      delta: { stop_reason: "end_turn", stop_sequence: null },
      usage: { output_tokens: count },
    }),
    event({ type: "message_stop" }),
  ];
}

const streams = new Map<string, Buffer[]>();
for (const shape of Object.keys(SHAPES) as Shape[]) {
  const { chunks } = SHAPES[shape];
  streams.set(`chat ${shape}`, begun(chatChunks(chunks), 1));
  streams.set(`messages ${shape}`, begun(messagesChunks(chunks), 2));
}

/** Providers send what opens an answer together with its first word; the gateway waits for that word. */
function begun(chunks: readonly string[], opening: number): Buffer[] {
  const first = chunks.slice(0, opening + 1).join("");
  return [first, ...chunks.slice(opening + 1)].map((chunk) => Buffer.from(chunk));
}

let open = 0;

function stream(chunks: readonly Buffer[], gapMs: number): Response {
  let next = 0;
  let isOpen = true;
  const close = () => {
    if (isOpen) open--;
    isOpen = false;
  };
  open++;
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      if (gapMs > 0 && next > 0) await Bun.sleep(gapMs);
      const chunk = chunks[next++];
      if (chunk) return controller.enqueue(chunk);
      close();
      controller.close();
    },
    cancel: close,
  });
  return new Response(body, { headers: { "content-type": "text/event-stream" } });
}

function flood(): Response {
  const first = Buffer.from(chatDelta({ role: "assistant", content: "" }));
  const more = Buffer.from(chatDelta({ content: text.repeat(2) }).repeat(256));
  let begun = false;
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      controller.enqueue(begun ? more : first);
      begun = true;
    },
  });
  return new Response(body, { headers: { "content-type": "text/event-stream" } });
}

const json = (body: string) => new Response(body, { headers: { "content-type": "application/json" } });

const server = Bun.serve({
  port: 0,
  hostname: "127.0.0.1",
  development: false,
  idleTimeout: 0,
  maxRequestBodySize: 64 * 1024 * 1024,
  async fetch(request) {
    const { pathname } = new URL(request.url);
    if (pathname === "/open") return Response.json(open);
    if (pathname.endsWith("/models")) return json('{"object":"list","data":[{"id":"small"}]}');
    const body = Buffer.from(await request.arrayBuffer());
    // Model and stream flag stand at the start or the end, whoever wrote the body.
    const said = body.toString("latin1", 0, 300) + body.toString("latin1", Math.max(0, body.length - 300));
    if (REFUSE.test(said)) return new Response('{"error":{"message":"overloaded"}}', { status: 503 });
    const format = pathname.endsWith("/messages") ? "messages" : "chat";
    if (!/"stream":\s*true/.test(said)) return json(format === "chat" ? chatWhole : messagesWhole);
    if (FLOOD.test(said)) return flood();
    const shape = (Object.keys(SHAPES) as Shape[]).find((name) => said.includes(`"${name}"`)) ?? "small";
    return stream(streams.get(`${format} ${shape}`) ?? [], SHAPES[shape].gapMs);
  },
});
console.log(JSON.stringify({ port: server.port }));
