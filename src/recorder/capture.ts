import { GatewayError, TargetFailure } from "../core/errors.ts";
import type { RequestRecord } from "../core/record.ts";
import type { Settings } from "../core/settings.ts";
import type { Plan } from "../core/target.ts";
import { beginningOf, type StaticBody } from "../lib/body-bytes.ts";
import type { Clock } from "../lib/clock.ts";
import type { Outbound, OutboundRequest, OutboundResponse } from "../net/index.ts";
import { createRelay, type Relay, type RelayDeps, type Served } from "../relay/index.ts";
import { keptFault } from "./faults.ts";
import type { KeptFault, Recording } from "./recording.ts";
import { type Ended, MOST_SHOWN_BYTES, type Room, Tape } from "./tape.ts";
import type { Asked, Witness } from "./witness.ts";

/** One call to a provider while it is being made. */
export type Taped = {
  request: Omit<OutboundRequest, "body">;
  /** The body's beginning: the whole of it would be held until the call is over, for every attempt. */
  sent: Pick<Tape, "bytes" | "size">;
  startedMs: number;
  response?: OutboundResponse;
  headersMs?: number;
  answer: Tape;
  fault?: KeptFault;
  endedMs?: number;
};

export type CaptureDeps = {
  relay: RelayDeps;
  settings: Settings;
  release: string;
  clock: Clock;
  room: Room;
  /** Nothing more will come. `isKept`: it is to be written down. */
  over(isKept: boolean): void;
};

/** One call while it is being made, seen from both sides. */
export class Capture implements Witness {
  readonly relay: Relay;
  readonly at: number;
  readonly exchanges: Taped[] = [];
  readonly accountFaults: Recording["accountFaults"] = [];
  readonly body: Tape;
  readonly answer: Tape;
  response: Response | undefined;
  error: GatewayError | undefined;
  plan: Plan | undefined;
  planFault: GatewayError | undefined;
  record: RequestRecord | undefined;
  /** How the client's body stands: undefined when all of it was read. */
  unfinished: "broken" | "unread" | undefined = "unread";
  brokenMs: number | undefined;
  leftMs: number | undefined;
  isAnswerBroken = false;
  readonly #began: number;
  readonly #readies = new Map<string, number>();
  #isOver = false;

  constructor(
    readonly call: Asked,
    readonly deps: CaptureDeps,
  ) {
    const { clock, room, relay } = deps;
    this.at = clock.now();
    this.#began = clock.monotonic();
    this.body = new Tape(this.elapsed, room, this.#most);
    this.answer = new Tape(this.elapsed, room, this.#most);
    this.relay = createRelay(this.#watched(relay));
    call.signal.addEventListener("abort", () => (this.leftMs ??= Math.round(this.elapsed())));
  }

  /** Bytes that may be kept of each body. */
  get #most(): number {
    return this.deps.settings.recordedBodyMb * 1024 * 1024;
  }

  readonly elapsed = (): number => this.deps.clock.monotonic() - this.#began;

  asked(body: Uint8Array): void {
    this.body.add(body, true);
    this.unfinished = undefined;
  }

  asking(body: ReadableStream<Uint8Array>): ReadableStream<Uint8Array> {
    return this.body.along(body, ({ how }) => {
      if (how === "end") this.unfinished = undefined;
      if (how !== "error") return;
      this.unfinished = "broken";
      this.brokenMs = Math.round(this.elapsed());
    });
  }

  answered(served: Served): Response | Promise<Response> {
    return served.ended ? this.#streamed(served.response) : this.#whole(served.response);
  }

  refused(error: GatewayError, response: Response): Response | Promise<Response> {
    this.error = error;
    // A flood that is turned away at the door shall not push out what was recorded before.
    const isShed = error.code === "service_unavailable" && !error.logged;
    if (!isShed) return this.#whole(response);
    this.#over(false);
    return response;
  }

  #streamed(response: Response): Response {
    this.response = response;
    const { body, status, headers } = response;
    if (!body) {
      this.#over();
      return response;
    }
    const ended = ({ how }: Ended) => {
      this.isAnswerBroken = how === "error";
      this.#over();
    };
    return new Response(this.answer.along(body, ended), { status, headers });
  }

  /** A whole answer keeps its length. */
  async #whole(response: Response): Promise<Response> {
    this.response = response;
    const bytes = await response.bytes();
    this.answer.add(bytes, true);
    this.#over();
    const { status, headers } = response;
    return new Response(bytes, { status, headers });
  }

  #over(isKept = true): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.deps.over(isKept);
  }

  /** The relay's needs with somebody writing along. What other calls do on behalf of this one is their own story. */
  #watched(deps: RelayDeps): RelayDeps {
    const { requestId } = this.call;
    return {
      ...deps,
      outbound: this.#outbound(deps.outbound),
      plan: (call, options) => this.#planned(call.inbound, () => deps.plan(call, options)),
      planService: (call, options) => this.#planned(call, () => deps.planService(call, options)),
      tokens: {
        ready: (connection) => this.#ready(connection.id, () => deps.tokens.ready(connection)),
        renew: (connection) => deps.tokens.renew(connection),
      },
      journal: {
        started: (request) => deps.journal.started(request),
        ended: (record) => {
          if (record.id === requestId) this.record = record;
          deps.journal.ended(record);
        },
      },
    };
  }

  /** The plan is the call's last: waiting calls are planned anew. */
  #planned(call: { requestId: string }, make: () => Plan): Plan {
    if (call.requestId !== this.call.requestId) return make();
    try {
      return (this.plan = make());
    } catch (error) {
      if (error instanceof GatewayError) this.planFault = error;
      throw error;
    }
  }

  #ready<T>(connectionId: string, make: () => T | Promise<T>): T | Promise<T> {
    const nth = (this.#readies.get(connectionId) ?? 0) + 1;
    this.#readies.set(connectionId, nth);
    const failed = (error: unknown): never => {
      this.accountFaults.push({ connectionId, nth, fault: keptFault(error) });
      throw error;
    };
    try {
      const made = make();
      return made instanceof Promise ? made.catch(failed) : made;
    } catch (error) {
      return failed(error);
    }
  }

  /** The way out, with everything that goes and comes written down. */
  #outbound(real: Outbound): Outbound {
    const { keyId } = this.call.caller;
    return {
      send: (request) =>
        (request.via?.keyId ?? keyId) === keyId ? this.#send(real, request) : real.send(request),
    };
  }

  async #send(real: Outbound, request: OutboundRequest): Promise<OutboundResponse> {
    const { room } = this.deps;
    const { body, ...asked } = request;
    const startedMs = Math.round(this.elapsed());
    const answer = new Tape(this.elapsed, room, this.#most);
    const isStream = typeof body === "function";
    const sent = isStream ? new Tape(this.elapsed, room, MOST_SHOWN_BYTES) : beginning(body);
    const taped: Taped = { request: asked, sent, startedMs, answer };
    this.exchanges.push(taped);
    try {
      const response = await real.send(
        isStream && sent instanceof Tape ? { ...request, body: readAlong(body, sent) } : request,
      );
      taped.response = response;
      taped.headersMs = Math.round(this.elapsed());
      return this.#readAlong(response, taped);
    } catch (error) {
      this.#broke(taped, error);
      throw error;
    }
  }

  #readAlong(response: OutboundResponse, taped: Taped): OutboundResponse {
    let isUnwanted = false;
    const over = (ended: Ended) => {
      // What comes of it after we wanted no more is our own doing.
      isUnwanted ||= ended.how === "cancel";
      if (isUnwanted) return;
      if (ended.how === "error") return this.#broke(taped, ended.error);
      if (ended.how === "end") taped.endedMs ??= Math.round(this.elapsed());
    };
    return {
      status: response.status,
      headers: response.headers,
      body: response.body && taped.answer.along(response.body, over),
      cancel: () => {
        over({ how: "cancel" });
        response.cancel();
      },
      text: async (limitBytes) => {
        try {
          const text = await response.text(limitBytes);
          taped.answer.add(Buffer.from(text), true);
          over({ how: "end" });
          return text;
        } catch (error) {
          over({ how: "error", error });
          throw error;
        }
      },
    };
  }

  /** That we gave up waiting is no fault of the other side: it was silent. */
  #broke(taped: Taped, error: unknown): void {
    // What the client's own upload throws is told by the upload.
    if (error instanceof GatewayError || isGivenUp(error, taped.request.signal)) return;
    taped.endedMs ??= Math.round(this.elapsed());
    taped.fault ??= keptFault(error);
  }
}

/** The way out ends a call that takes too long by the call's own signal, and says so. */
function isGivenUp(error: unknown, signal: AbortSignal): boolean {
  const isTold = error instanceof TargetFailure && error.kind !== "cancelled";
  return signal.aborted && !isTold;
}

/** What is shown of a body that lies in memory. */
function beginning(body: StaticBody = ""): Taped["sent"] {
  const { bytes, size } = beginningOf(body, MOST_SHOWN_BYTES);
  return { bytes: () => bytes, size };
}

/** A body that may be sent several times; the last time is the one that counts. */
const readAlong = (body: () => ReadableStream<Uint8Array>, sent: Tape) => (): ReadableStream<Uint8Array> => {
  sent.rewind();
  return sent.along(body(), () => {});
};
