import { TargetFailure } from "../core/errors.ts";
import { bodyBytes, type StaticBody } from "../lib/body-bytes.ts";
import { type Clock, sleep } from "../lib/clock.ts";
import { Mask } from "../lib/mask.ts";
import { boundaryOf } from "../lib/multipart.ts";
import type { Outbound, OutboundRequest, OutboundResponse } from "../net/index.ts";
import { failureOf } from "./faults.ts";
import { harmlessUrl } from "./harmless.ts";
import { PlayedUpload } from "./played-upload.ts";
import type { Exchange, KeptBody } from "./recording.ts";
import { beginsLike, unmarked } from "./same.ts";

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

  /** Is there a further exchange over this connection? */
  hasMore(connectionId: string): boolean {
    return this.#left(connectionId).length > 0;
  }

  /** What stood between the parts of the next form that was sent then. */
  get nextBoundary(): string {
    const [next] = this.exchanges
      .filter((exchange) => !this.#asked.has(exchange))
      .flatMap(({ headers }) => boundaryOf(headers["content-type"] ?? null) ?? []);
    return next ?? "omniroute-replayed";
  }

  async send(request: OutboundRequest): Promise<OutboundResponse> {
    const address = `${request.method} ${unmarked(harmlessUrl(request.url, NOTHING))}`;
    const left = this.#left(request.via?.connectionId ?? "");
    const exchange = left.find((each) => addressOf(each) === address) ?? left[0];
    if (!exchange) {
      this.departures.push({ exchange: this.exchanges.length, what: `asked ${address} once more` });
      throw new TargetFailure("unreachable", "The recording holds no further answer.");
    }
    this.#asked.add(exchange);
    const { body } = request;
    const upload = typeof body === "function" ? new PlayedUpload(body()) : undefined;
    const sent = upload ? await upload.read(exchange.body.size) : bodyBytes((body as StaticBody) ?? "");
    this.#compare(exchange, address, sent);
    const { answer, fault, startedMs, endedMs = startedMs } = exchange;
    if (!answer) {
      const silence = sleep(this.clock, fault ? endedMs - startedMs : FOR_EVER_MS, request.signal);
      const waited = await (upload ? Promise.race([silence, upload.broken]) : silence);
      throw waited && fault ? failureOf(fault) : new TargetFailure("cancelled", "The call was given up.");
    }
    if (!(await sleep(this.clock, answer.headersMs - startedMs, request.signal)))
      throw new TargetFailure("cancelled", "The call was given up.");
    return this.#responseOf(exchange, answer, request.signal);
  }

  #left(connectionId: string): Exchange[] {
    return this.exchanges.filter(
      (exchange) => exchange.connectionId === connectionId && !this.#asked.has(exchange),
    );
  }

  #compare(exchange: Exchange, address: string, sent: Buffer): void {
    const number = this.exchanges.indexOf(exchange) + 1;
    const depart = (what: string) => void this.departures.push({ exchange: number, what });
    const then = addressOf(exchange);
    if (then !== address && !isHidden(then)) depart(`${address} was asked, not ${then}`);
    const { size, whole } = exchange.body;
    if ((whole && sent.length !== size) || !beginsLike(sent, bytesOf(exchange.body)))
      depart("another body was sent than then");
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

const NOTHING = new Mask([]);

const addressOf = ({ method, url }: Exchange): string => `${method} ${unmarked(url)}`;

/** Something in it was struck out, such as an account's number. */
const isHidden = (address: string): boolean => address.includes("…");
