import type { Socket } from "bun";

/** The bytes of one answer, and what becomes of the connection. */
export type RawStep = {
  bytes: readonly (string | Uint8Array)[];
  /** Default: it is closed in good order. */
  then?: "close" | "reset" | "hold";
  /** Milliseconds between the pieces. */
  gap?: number;
};

export type RawUpstream = {
  url: string;
  /** Requests so far, as text. */
  seen: string[];
  /** Connections that stand. */
  readonly open: number;
  script(script: (request: string, count: number) => RawStep): void;
  stop(): void;
};

type State = { buffer: string; isOpen: boolean };

/** A provider on a bare socket that answers with the very bytes a test gives, below the rules of HTTP too. */
export function startRawUpstream(first: (request: string, count: number) => RawStep): RawUpstream {
  let script = first;
  let open = 0;
  const seen: string[] = [];
  const listener = Bun.listen<State>({
    hostname: "127.0.0.1",
    port: 0,
    socket: {
      open(socket) {
        socket.data = { buffer: "", isOpen: true };
        open++;
      },
      close(socket) {
        socket.data.isOpen = false;
        open--;
      },
      error() {},
      data(socket, bytes) {
        socket.data.buffer += bytes.toString("latin1");
        const request = taken(socket.data);
        if (request === undefined) return;
        seen.push(request);
        void answer(socket, script(request, seen.length));
      },
    },
  });
  return {
    url: `http://127.0.0.1:${listener.port}`,
    seen,
    get open() {
      return open;
    },
    script: (next) => void (script = next),
    stop: () => listener.stop(true),
  };
}

/** A whole HTTP answer with its length. */
export function rawAnswer(
  status: number,
  headers: { [name: string]: string },
  body: string | Uint8Array,
): RawStep {
  const length = Buffer.byteLength(body as string);
  const lines = Object.entries({ "content-length": String(length), ...headers }).map(
    ([name, value]) => `${name}: ${value}\r\n`,
  );
  return { bytes: [`HTTP/1.1 ${status} X\r\n${lines.join("")}connection: close\r\n\r\n`, body] };
}

function taken(state: State): string | undefined {
  const end = state.buffer.indexOf("\r\n\r\n");
  if (end < 0) return undefined;
  const length = Number(/content-length: *(\d+)/i.exec(state.buffer.slice(0, end))?.[1] ?? 0);
  if (state.buffer.length - end - 4 < length) return undefined;
  const request = state.buffer.slice(0, end + 4 + length);
  state.buffer = state.buffer.slice(end + 4 + length);
  return request;
}

async function answer(socket: Socket<State>, { bytes, then = "close", gap }: RawStep): Promise<void> {
  for (const piece of bytes) {
    await written(socket, typeof piece === "string" ? Buffer.from(piece) : piece);
    if (gap !== undefined) await Bun.sleep(gap);
  }
  if (then === "close") socket.end();
  // What is still on the way would be lost with the connection.
  if (then === "reset") setTimeout(() => socket.terminate(), 30);
}

/** A socket takes what fits; the rest follows when there is room. */
async function written(socket: Socket<State>, bytes: Uint8Array): Promise<void> {
  let rest = bytes;
  while (rest.length > 0 && socket.data.isOpen) {
    const taken = socket.write(rest);
    if (taken < 0) return;
    rest = rest.subarray(taken);
    if (rest.length > 0) await Bun.sleep(1);
  }
}
