import type { Server } from "bun";

/** What a scripted upstream does with one request. */
export type Step =
  | { type: "json"; status?: number; headers?: { [name: string]: string }; body: unknown }
  | { type: "text"; status?: number; headers?: { [name: string]: string }; body: string }
  | {
      type: "stream";
      headers?: { [name: string]: string };
      chunks: readonly (string | Uint8Array)[];
      /** Milliseconds between chunks. */
      gap?: number;
      /** What comes after the chunks: a proper end, a broken connection, or silence. */
      then?: "end" | "break" | "silence";
    }
  /** Takes the request and never answers. */
  | { type: "stall" };

/** A request as the upstream got it. */
export type Seen = {
  method: string;
  path: string;
  headers: { [name: string]: string };
  bytes: Uint8Array;
  text: string;
  /** The body, parsed; undefined when it is not JSON. */
  body: any;
  /** Resolves when the gateway closed the connection before the answer was over. */
  aborted: Promise<void>;
};

export type Script = (seen: Seen, count: number) => Step;

export type Upstream = {
  url: string;
  port: number;
  /** Every request, in order. */
  seen: Seen[];
  /** Changes what the upstream does from now on. */
  script(script: Script): void;
  stop(): Promise<void>;
};

/** A provider on a real socket whose every answer the test decides. */
export function startUpstream(first: Script): Upstream {
  let script = first;
  const seen: Seen[] = [];
  const never = new AbortController();
  const server: Server<undefined> = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    development: false,
    idleTimeout: 0,
    async fetch(request) {
      const bytes = await request.bytes();
      const text = new TextDecoder().decode(bytes);
      const entry: Seen = {
        method: request.method,
        path: new URL(request.url).pathname + new URL(request.url).search,
        headers: Object.fromEntries(request.headers),
        bytes,
        text,
        body: parsed(text),
        aborted: new Promise((resolve) => request.signal.addEventListener("abort", () => resolve())),
      };
      seen.push(entry);
      const step = script(entry, seen.length - 1);
      switch (step.type) {
        case "json":
          return Response.json(step.body, { status: step.status ?? 200, headers: step.headers ?? {} });
        case "text":
          return new Response(step.body, { status: step.status ?? 200, headers: step.headers ?? {} });
        case "stream":
          return new Response(body(step, request.signal), {
            headers: { "content-type": "text/event-stream", ...step.headers },
          });
        case "stall":
          return new Promise<Response>((resolve) => {
            const end = () => resolve(new Response(null, { status: 503 }));
            request.signal.addEventListener("abort", end);
            never.signal.addEventListener("abort", end);
          });
      }
    },
    error: () => new Response(null, { status: 500 }),
  });
  const upstream: Upstream = {
    url: `http://127.0.0.1:${server.port}`,
    port: server.port ?? 0,
    seen,
    script: (next) => {
      script = next;
    },
    stop: async () => {
      never.abort();
      await server.stop(true);
    },
  };
  return upstream;
}

function body(step: Extract<Step, { type: "stream" }>, signal: AbortSignal): ReadableStream<Uint8Array> {
  let index = 0;
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      if (index > 0 && step.gap) await Bun.sleep(step.gap);
      const chunk = step.chunks[index++];
      if (chunk !== undefined)
        return controller.enqueue(typeof chunk === "string" ? Buffer.from(chunk) : chunk);
      switch (step.then ?? "end") {
        case "end":
          return controller.close();
        case "break":
          // Without a pause the chunks before would be lost together with the connection.
          await Bun.sleep(30);
          return controller.error(new Error("cut on purpose"));
        case "silence":
          await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve()));
          return controller.close();
      }
    },
  });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** A socket that takes connections and closes each as soon as a request comes: a reset before any answer. */
export function startResettingUpstream(): { url: string; count(): number; stop(): void } {
  let count = 0;
  const listener = Bun.listen({
    hostname: "127.0.0.1",
    port: 0,
    socket: {
      data(socket) {
        count++;
        socket.terminate();
      },
    },
  });
  return { url: `http://127.0.0.1:${listener.port}`, count: () => count, stop: () => listener.stop(true) };
}

/** A port on the loopback where nobody listens. */
export async function closedPort(): Promise<number> {
  const server = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: () => new Response() });
  const port = server.port ?? 0;
  await server.stop(true);
  return port;
}

/** Server-sent events of a chat stream that says `text`, a few characters at a time. */
export function chatStream(
  text: string,
  options: { model?: string; usage?: [number, number]; end?: boolean } = {},
): string[] {
  const { model = "test-model", usage = [11, 7], end = true } = options;
  const head = { id: "chatcmpl-test", object: "chat.completion.chunk", created: 1_700_000_000, model };
  const line = (value: unknown) => `data: ${JSON.stringify(value)}\n\n`;
  const chunks = [
    line({
      ...head,
      choices: [{ index: 0, delta: { role: "assistant", content: "" }, finish_reason: null }],
    }),
  ];
  for (const piece of text.match(/.{1,4}/gsu) ?? []) {
    chunks.push(line({ ...head, choices: [{ index: 0, delta: { content: piece }, finish_reason: null }] }));
  }
  if (!end) return chunks;
  chunks.push(line({ ...head, choices: [{ index: 0, delta: {}, finish_reason: "stop" }] }));
  const [prompt, completion] = usage;
  const counts = { prompt_tokens: prompt, completion_tokens: completion, total_tokens: prompt + completion };
  chunks.push(line({ ...head, choices: [], usage: counts }), "data: [DONE]\n\n");
  return chunks;
}

/** A whole chat answer that says `text`. */
export function chatReply(text: string, options: { model?: string; usage?: [number, number] } = {}): object {
  const { model = "test-model", usage: [prompt, completion] = [11, 7] } = options;
  return {
    id: "chatcmpl-test",
    object: "chat.completion",
    created: 1_700_000_000,
    model,
    choices: [{ index: 0, message: { role: "assistant", content: text }, finish_reason: "stop" }],
    usage: { prompt_tokens: prompt, completion_tokens: completion, total_tokens: prompt + completion },
  };
}

/** Server-sent events of a Messages stream that says `text`. */
export function messagesStream(
  text: string,
  options: { model?: string; usage?: [number, number]; end?: boolean } = {},
): string[] {
  const { model = "test-model", usage: [input, output] = [11, 7], end = true } = options;
  const event = (value: { type: string; [field: string]: unknown }) =>
    `event: ${value.type}\ndata: ${JSON.stringify(value)}\n\n`;
  const message = {
    id: "msg_test",
    type: "message",
    role: "assistant",
    model,
    content: [],
    stop_reason: null,
    stop_sequence: null,
  };
  const chunks = [
    event({
      type: "message_start",
      message: { ...message, usage: { input_tokens: input, output_tokens: 1 } },
    }),
    event({ type: "content_block_start", index: 0, content_block: { type: "text", text: "" } }),
  ];
  for (const piece of text.match(/.{1,4}/gsu) ?? []) {
    chunks.push(event({ type: "content_block_delta", index: 0, delta: { type: "text_delta", text: piece } }));
  }
  if (!end) return chunks;
  chunks.push(
    event({ type: "content_block_stop", index: 0 }),
    event({
      type: "message_delta",
      delta: { stop_reason: "end_turn", stop_sequence: null },
      usage: { output_tokens: output },
    }),
    event({ type: "message_stop" }),
  );
  return chunks;
}

/** A whole Messages answer that says `text`. */
export function messagesReply(
  text: string,
  options: { model?: string; usage?: [number, number] } = {},
): object {
  const { model = "test-model", usage: [input, output] = [11, 7] } = options;
  return {
    id: "msg_test",
    type: "message",
    role: "assistant",
    model,
    content: [{ type: "text", text }],
    stop_reason: "end_turn",
    stop_sequence: null,
    usage: { input_tokens: input, output_tokens: output },
  };
}
