import type { Socket } from "bun";

/** One request as a flaky upstream got it. */
export type ChaosRequest = { tag: string; /** Words of the answer that are there already. */ from: number };

export type Mischief =
  | "reset"
  | "reset-mid"
  | "stall"
  | "429"
  | "500"
  | "503"
  | "529"
  | "broken-json"
  | "html"
  | "error-first"
  | "empty";

export type ChaosUpstream = {
  url: string;
  /** Requests whose answer is not over and whose connection stands. */
  readonly open: number;
  readonly served: number;
  stop(): void;
};

export type ChaosScript = {
  words: number;
  gapMs: number;
  /** What goes wrong with a request; undefined: all is well. `retrySeconds` goes with a 429. */
  mischief(request: ChaosRequest): { what: Mischief; retrySeconds: number } | undefined;
  /** An answer's first word has left, not as the continuation of another. */
  generated(tag: string): void;
};

type State = { buffer: string; isOpen: boolean; busy: boolean };

/** A chat provider on a bare socket, so that it can misbehave below HTTP too. */
export function startChaosUpstream(script: ChaosScript): ChaosUpstream {
  let open = 0;
  let served = 0;
  const listener = Bun.listen<State>({
    hostname: "127.0.0.1",
    port: 0,
    socket: {
      open: (socket) => void (socket.data = { buffer: "", isOpen: true, busy: false }),
      close: (socket) => void (socket.data.isOpen = false),
      error: (socket) => void (socket.data.isOpen = false),
      data(socket, bytes) {
        socket.data.buffer += bytes.toString();
        const request = taken(socket.data);
        if (!request) return;
        open++;
        served++;
        void answer(socket, request, script)
          .catch(() => socket.terminate())
          .finally(() => open--);
      },
    },
  });
  return {
    url: `http://127.0.0.1:${listener.port}`,
    get open() {
      return open;
    },
    get served() {
      return served;
    },
    stop: () => listener.stop(true),
  };
}

/** The next whole request of a connection. */
function taken(state: State): ChaosRequest | undefined {
  const end = state.buffer.indexOf("\r\n\r\n");
  if (end < 0 || state.busy) return undefined;
  const length = Number(/content-length: *(\d+)/i.exec(state.buffer.slice(0, end))?.[1] ?? 0);
  if (Buffer.byteLength(state.buffer.slice(end + 4)) < length) return undefined;
  const { messages } = JSON.parse(state.buffer.slice(end + 4)) as {
    messages: { role: string; content: string }[];
  };
  state.buffer = "";
  state.busy = true;
  const begun = messages.findLast(({ role }) => role === "assistant")?.content ?? "";
  return {
    tag: messages.find(({ role }) => role === "user")?.content ?? "",
    from: begun.split(" ").filter(Boolean).length,
  };
}

async function answer(socket: Socket<State>, request: ChaosRequest, script: ChaosScript): Promise<void> {
  const trouble = script.mischief(request);
  switch (trouble?.what) {
    case "reset":
      socket.terminate();
      return;
    case "stall":
      while (socket.data.isOpen) await Bun.sleep(20);
      return;
    case "429":
      return whole(socket, 429, "application/json", '{"error":{"message":"slow down"}}', [
        `retry-after: ${trouble.retrySeconds}`,
      ]);
    case "500":
    case "503":
    case "529":
      return whole(socket, Number(trouble.what), "application/json", '{"error":{"message":"down"}}');
    case "html":
      return whole(socket, 200, "text/html", "<html>busy</html>");
    case "broken-json":
      return whole(socket, 200, "text/event-stream", 'data: {"choices":[{"del\n\ndata: {oops\n\n');
    case "error-first":
      return whole(
        socket,
        200,
        "text/event-stream",
        'data: {"error":{"message":"no","code":"server_error"}}\n\n',
      );
    case "empty":
      return whole(socket, 200, "text/event-stream", "");
    case "reset-mid":
    case undefined:
      return streamed(socket, request, script, trouble ? request.from + 3 : undefined);
  }
}

function whole(
  socket: Socket<State>,
  status: number,
  type: string,
  body: string,
  headers: string[] = [],
): void {
  const head = [
    `HTTP/1.1 ${status} X`,
    `content-type: ${type}`,
    `content-length: ${Buffer.byteLength(body)}`,
    "connection: close",
    ...headers,
  ];
  socket.write(`${head.join("\r\n")}\r\n\r\n${body}`);
  socket.end();
}

async function streamed(
  socket: Socket<State>,
  { tag, from }: ChaosRequest,
  script: ChaosScript,
  cutAt: number | undefined,
): Promise<void> {
  socket.write(
    "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\nconnection: close\r\n\r\n",
  );
  const send = (value: unknown) => {
    const text = `data: ${typeof value === "string" ? value : JSON.stringify(value)}\n\n`;
    socket.write(`${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`);
    socket.flush();
  };
  const chunk = (delta: object, finish: string | null = null) => ({
    id: "chatcmpl-chaos",
    object: "chat.completion.chunk",
    created: 1,
    model: "m",
    choices: [{ index: 0, delta, finish_reason: finish }],
  });
  send(chunk({ role: "assistant", content: "" }));
  for (let word = from; word < script.words; word++) {
    if (!socket.data.isOpen) return;
    if (word === cutAt) {
      // What is still on the way would be lost with the connection.
      await Bun.sleep(30);
      socket.terminate();
      return;
    }
    send(chunk({ content: word === 0 ? "w0" : ` w${word}` }));
    if (word === from && from === 0) script.generated(tag);
    await Bun.sleep(script.gapMs);
  }
  send(chunk({}, "stop"));
  send("[DONE]");
  socket.write("0\r\n\r\n");
  socket.end();
}
