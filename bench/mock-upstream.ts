/**
 * The provider of the benchmarks, in a process of its own: answers at once with canned bytes. Paths choose the
 * format; the model's name chooses the shape: `small`, `big` (a 256-chunk stream), `refuse` (503).
 */
const text = "The quick brown fox jumps over the lazy dog. ";

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

function chatChunks(count: number): string[] {
  const head = {
    id: "chatcmpl-bench",
    object: "chat.completion.chunk",
    created: 1_700_000_000,
    model: "bench",
  };
  const line = (value: unknown) => `data: ${JSON.stringify({ ...head, ...(value as object) })}\n\n`;
  const chunks = [
    line({ choices: [{ index: 0, delta: { role: "assistant", content: "" }, finish_reason: null }] }),
  ];
  for (let i = 0; i < count; i++)
    chunks.push(line({ choices: [{ index: 0, delta: { content: "word " }, finish_reason: null }] }));
  chunks.push(line({ choices: [{ index: 0, delta: {}, finish_reason: "stop" }] }));
  chunks.push(
    line({ choices: [], usage: { prompt_tokens: 20, completion_tokens: count, total_tokens: 20 + count } }),
  );
  chunks.push("data: [DONE]\n\n");
  return chunks;
}

function messagesChunks(count: number): string[] {
  const event = (value: { type: string }) => `event: ${value.type}\ndata: ${JSON.stringify(value)}\n\n`;
  const chunks = [
    event({
      type: "message_start",
      message: { ...JSON.parse(messagesWhole), content: [], stop_reason: null },
    } as never),
    event({ type: "content_block_start", index: 0, content_block: { type: "text", text: "" } } as never),
  ];
  for (let i = 0; i < count; i++)
    chunks.push(
      event({ type: "content_block_delta", index: 0, delta: { type: "text_delta", text: "word " } } as never),
    );
  chunks.push(
    event({ type: "content_block_stop", index: 0 } as never),
    event({
      type: "message_delta",
      delta: { stop_reason: "end_turn", stop_sequence: null },
      usage: { output_tokens: count },
    } as never),
    event({ type: "message_stop" }),
  );
  return chunks;
}

const streams = {
  chat: { small: chatChunks(16), big: chatChunks(256) },
  messages: { small: messagesChunks(16), big: messagesChunks(256) },
};

function stream(chunks: readonly string[], gapMs: number): Response {
  const bytes = chunks.map((chunk) => Buffer.from(chunk));
  let next = 0;
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      if (gapMs > 0 && next > 0) await Bun.sleep(gapMs);
      const chunk = bytes[next++];
      if (chunk) controller.enqueue(chunk);
      else controller.close();
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
  async fetch(request) {
    const body = await request.bytes();
    const { pathname } = new URL(request.url);
    if (pathname.endsWith("/models")) return json('{"object":"list","data":[{"id":"small"}]}');
    const start = Buffer.from(body.buffer, body.byteOffset, Math.min(body.byteLength, 300)).toString();
    const end = Buffer.from(body.buffer, body.byteOffset + Math.max(0, body.byteLength - 300)).toString();
    const said = start + end;
    if (said.includes('"refuse"')) return new Response('{"error":{"message":"overloaded"}}', { status: 503 });
    const kind = pathname.endsWith("/messages") ? "messages" : "chat";
    if (!/"stream":\s*true/.test(said)) return json(kind === "chat" ? chatWhole : messagesWhole);
    const size = said.includes('"big"') ? "big" : "small";
    return stream(streams[kind][size], said.includes('"paced"') ? 20 : 0);
  },
});
console.log(JSON.stringify({ port: server.port }));
