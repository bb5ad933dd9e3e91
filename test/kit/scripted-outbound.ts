import { TargetFailure } from "../../src/core/errors.ts";
import { createMockUpstream } from "../../src/net/mock-upstream.ts";
import type { Outbound, OutboundRequest, OutboundResponse } from "../../src/net/index.ts";
import { bodyText } from "../../src/lib/body-bytes.ts";
import type { Clock } from "../../src/lib/clock.ts";
import { tryParseJson } from "../../src/lib/json.ts";

/** What a provider does with one call, without any socket. Durations in milliseconds of the test's clock. */
export type Deed =
  | { type: "answer"; status?: number; headers?: { [name: string]: string }; body: unknown; after?: number }
  | {
      type: "stream";
      chunks: readonly (string | Uint8Array)[];
      headers?: { [name: string]: string };
      /** Silence before each chunk. */
      gap?: number;
      then?: "end" | "break" | "silence";
    }
  /** Nobody listens; `early`: the connection broke before the first byte. */
  | { type: "refuse"; early?: boolean }
  | { type: "stall" };

/** One call as it would have left. */
export type Sent = {
  method: string;
  url: string;
  headers: { [name: string]: string };
  text: string;
  /** The body, parsed; undefined when it is not JSON. */
  body: any;
  /** Limits of this call, in milliseconds. */
  connectTimeoutMs?: number;
  headersTimeoutMs?: number;
  /** Did the gateway close the call before it was over? */
  aborted: boolean;
};

export type OutboundScript = (sent: Sent, count: number) => Deed;

/** Stands in for the network: every call is answered by the script, `mock:` addresses by the built-in mock. */
export class ScriptedOutbound implements Outbound {
  readonly sent: Sent[] = [];
  /** Calls whose answer is not over. */
  open = 0;
  readonly #mock: Outbound;

  constructor(
    readonly clock: Clock,
    public script: OutboundScript,
  ) {
    this.#mock = createMockUpstream({ clock });
  }

  async send(request: OutboundRequest): Promise<OutboundResponse> {
    if (request.url.startsWith("mock:")) return this.#mock.send(request);
    if (request.signal.aborted) throw cancelled();
    const read = textOf(request.body);
    const text = typeof read === "string" ? read : await read;
    const sent: Sent = {
      method: request.method,
      url: request.url,
      headers: { ...request.headers },
      text,
      body: tryParseJson(text),
      aborted: false,
      ...(request.connectTimeoutMs !== undefined && { connectTimeoutMs: request.connectTimeoutMs }),
      ...(request.headersTimeoutMs !== undefined && { headersTimeoutMs: request.headersTimeoutMs }),
    };
    this.sent.push(sent);
    const deed = this.script(sent, this.sent.length - 1);
    this.open++;
    const over = once(() => this.open--);
    const gone = new Promise<void>((resolve) =>
      request.signal.addEventListener("abort", () => {
        sent.aborted = true;
        over();
        resolve();
      }),
    );
    switch (deed.type) {
      case "refuse":
        over();
        throw new TargetFailure("unreachable", "The connection was refused.", {
          brokeEarly: deed.early ?? false,
        });
      case "stall":
        await gone;
        throw cancelled();
      case "answer": {
        if (deed.after) await Promise.race([waited(this.clock, deed.after), gone]);
        if (request.signal.aborted) throw cancelled();
        over();
        const body = typeof deed.body === "string" ? deed.body : JSON.stringify(deed.body);
        return responseOf(
          new Response(body, {
            status: deed.status ?? 200,
            headers: { "content-type": "application/json", ...deed.headers },
          }),
        );
      }
      case "stream": {
        const body = this.#streamed(deed, gone, over);
        const headers = { "content-type": "text/event-stream", ...deed.headers };
        return responseOf(new Response(body, { headers }));
      }
    }
  }

  #streamed(
    deed: Extract<Deed, { type: "stream" }>,
    gone: Promise<void>,
    over: () => void,
  ): ReadableStream<Uint8Array> {
    let index = 0;
    return new ReadableStream<Uint8Array>(
      {
        pull: async (controller) => {
          if (deed.gap) await Promise.race([waited(this.clock, deed.gap), gone]);
          const chunk = deed.chunks[index++];
          if (chunk !== undefined) return controller.enqueue(Buffer.from(chunk));
          if (deed.then === "silence") {
            await gone;
            return controller.error(new Error("aborted"));
          }
          over();
          if (deed.then === "break") controller.error(new Error("cut on purpose"));
          else controller.close();
        },
        cancel: over,
      },
      { highWaterMark: 0 },
    );
  }
}

function textOf(body: OutboundRequest["body"]): string | Promise<string> {
  if (typeof body === "function") return new Response(body()).text();
  return bodyText(body ?? "");
}

function responseOf(response: Response): OutboundResponse {
  return {
    status: response.status,
    headers: response.headers,
    body: response.body as ReadableStream<Uint8Array> | null,
    cancel: () => void response.body?.cancel(),
    text: () => response.text(),
  };
}

const waited = (clock: Clock, ms: number): Promise<void> =>
  new Promise((resolve) => clock.after(ms, resolve));

const cancelled = () => new TargetFailure("cancelled", "The call was given up before it was answered.");

function once(action: () => void): () => void {
  let done = false;
  return () => {
    if (done) return;
    done = true;
    action();
  };
}
