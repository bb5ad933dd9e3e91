import { type FailureKind, FAILURES, TargetFailure } from "../core/errors.ts";
import { bodyText } from "../lib/body-bytes.ts";
import { type Clock, sleep } from "../lib/clock.ts";
import type { Outbound, OutboundRequest, OutboundResponse } from "../net/index.ts";
import { BROKEN, type Exchange, type KeptBody, type KeptFault } from "./recording.ts";

/** What a replay sent in place of what was recorded. */
export type Departure = { exchange: number; what: string };

/** Gives back what providers answered then, at the pace of then; nothing leaves the machine. */
export class PlayedOutbound implements Outbound {
  readonly departures: Departure[] = [];
  readonly #asked = new Set<Exchange>();

  constructor(
    readonly exchanges: readonly Exchange[],
    readonly clock: Clock,
  ) {}

  /** Was everything asked for that was recorded? */
  get isOver(): boolean {
    return this.#asked.size === this.exchanges.length;
  }

  /** Is there a further exchange over this connection? */
  hasMore(connectionId: string): boolean {
    return this.#next(connectionId) !== undefined;
  }

  async send(request: OutboundRequest): Promise<OutboundResponse> {
    const exchange = this.#next(request.via?.connectionId ?? "");
    if (!exchange) {
      this.departures.push({ exchange: this.exchanges.length, what: `asked ${request.url} once more` });
      throw new TargetFailure("unreachable", "The recording holds no further answer.");
    }
    this.#asked.add(exchange);
    this.#compare(request, exchange);
    const { answer, fault, startedMs, endedMs = startedMs } = exchange;
    if (!answer) {
      const waited = await sleep(this.clock, fault ? endedMs - startedMs : FOR_EVER_MS, request.signal);
      throw waited && fault ? failureOf(fault) : new TargetFailure("cancelled", "The call was given up.");
    }
    if (!(await sleep(this.clock, answer.headersMs - startedMs, request.signal)))
      throw new TargetFailure("cancelled", "The call was given up.");
    return this.#responseOf(exchange, answer, request.signal);
  }

  #next(connectionId: string): Exchange | undefined {
    return this.exchanges.find(
      (exchange) => exchange.connectionId === connectionId && !this.#asked.has(exchange),
    );
  }

  #compare(request: OutboundRequest, exchange: Exchange): void {
    const number = this.exchanges.indexOf(exchange) + 1;
    const sent = typeof request.body === "function" ? "" : bodyText(request.body ?? "");
    if (exchange.body.whole && sent !== bytesOf(exchange.body).toString())
      this.departures.push({ exchange: number, what: "another body was sent than then" });
  }

  #responseOf(
    exchange: Exchange,
    answer: NonNullable<Exchange["answer"]>,
    signal: AbortSignal,
  ): OutboundResponse {
    const stop = new AbortController();
    signal.addEventListener("abort", () => stop.abort());
    const body = this.#bodyOf(exchange, answer, stop);
    return {
      status: answer.status,
      headers: new Headers(
        Object.entries(answer.headers).filter(
          ([name]) => !/^(?:content-length|content-encoding)$/.test(name),
        ),
      ),
      body,
      cancel: () => stop.abort(),
      text: async () => {
        try {
          return await new Response(body).text();
        } catch (error) {
          throw error instanceof TargetFailure
            ? error
            : new TargetFailure("unreachable", "The answer broke off.");
        }
      },
    };
  }

  /** The pieces at their times; then the end, the break, or silence until the call is given up. */
  #bodyOf(
    { fault, endedMs }: Exchange,
    { body, pieces, headersMs }: NonNullable<Exchange["answer"]>,
    stop: AbortController,
  ): ReadableStream<Uint8Array> {
    const bytes = bytesOf(body);
    const left = [...pieces];
    let at = headersMs;
    let start = 0;
    let isCancelled = false;
    return new ReadableStream<Uint8Array>(
      {
        pull: async (controller) => {
          const [ms = endedMs ?? at + FOR_EVER_MS, length = 0] = left.shift() ?? [];
          const goesOn = await sleep(this.clock, Math.max(0, ms - at), stop.signal);
          at = Math.max(at, ms);
          if (isCancelled) return;
          if (!goesOn) return controller.error(new TargetFailure("cancelled", "The call was given up."));
          if (length > 0) {
            controller.enqueue(new Uint8Array(bytes.subarray(start, start + length)));
            start += length;
          } else if (fault) controller.error(failureOf(fault));
          else controller.close();
        },
        cancel: () => {
          isCancelled = true;
          stop.abort();
        },
      },
      { highWaterMark: 0 },
    );
  }
}

/** Longer than any limit a call may have. */
const FOR_EVER_MS = 100_000_000;

export function bytesOf({ encoding, data }: KeptBody): Buffer {
  return Buffer.from(data, encoding);
}

function failureOf({ kind, message, status, providerCode, brokeEarly }: KeptFault): Error {
  if (kind === BROKEN) return new Error(message);
  return new TargetFailure(isKind(kind) ? kind : "unreachable", message, {
    ...(status !== undefined && { status }),
    ...(providerCode !== undefined && { providerCode }),
    ...(brokeEarly && { brokeEarly }),
  });
}

const isKind = (kind: string): kind is FailureKind => Object.hasOwn(FAILURES, kind);
