import { GatewayError, TargetFailure } from "../core/errors.ts";
import type { StreamEncoder } from "../core/format.ts";
import type { Clock } from "../lib/clock.ts";
import type { AnswerStream } from "./answer-stream.ts";

/** How a stream to the client ended. */
export type StreamOutcome =
  | { type: "complete" }
  | { type: "failed"; error: GatewayError; failure: TargetFailure | undefined }
  | { type: "cancelled" };

export type PumpOptions = {
  clock: Clock;
  requestId: string;
  /** Writes heartbeats and errors; the same encoder that writes the answer, so that open blocks are closed. */
  encoder: Pick<StreamEncoder, "heartbeat" | "fail">;
  /** Longest silence of the provider inside the stream; asked anew each time, for the answer may still be coming. */
  idleMs(): number;
  /** How long the answer may still take; undefined where there is no limit. */
  totalMs?(): number | undefined;
  /** A provider's failure inside the answer, as it is told and as it counts. */
  read(failure: TargetFailure): { failure: TargetFailure; error: GatewayError };
  /** A frame that leaves every so often, whatever else does. */
  progress?: { everyMs: number; frame(): string };
  onEnd(outcome: StreamOutcome): void;
};

/** The client is kept awake after this much silence. */
export const HEARTBEAT_MS = 15_000;
const TICK_MS = 5_000;
const SHORTEST_TICK_MS = 50;

/**
 * The body for the client: pulls from the answer only as fast as the client reads, keeps the client awake in
 * silence, tells a failure in the client's protocol, and ends the provider's side when the client leaves. `source`
 * may still be on its way (the head went out early); its rejection is told inside the stream.
 */
export function pump(
  source: AnswerStream | Promise<AnswerStream>,
  options: PumpOptions,
): ReadableStream<Uint8Array> {
  return new ReadableStream<Uint8Array>(new Pump(source, options), { highWaterMark: 0 });
}

const utf8 = new TextEncoder();

class Pump implements UnderlyingDefaultSource<Uint8Array> {
  #answer: AnswerStream | undefined;
  #ended = false;
  #lastWrite: number;
  /** Since when the client waits for the provider; undefined while the client itself does not read. */
  #waitingSince: number | undefined;
  /** How much had come from the provider when last looked at. */
  #heard: number | undefined;
  #stopTick: () => void = () => {};
  #stopProgress: () => void = () => {};
  /** A progress frame is due with the next piece: the client did not read when its time came. */
  #owesProgress = false;
  #stopTotal: () => void = () => {};

  constructor(
    readonly source: AnswerStream | Promise<AnswerStream>,
    readonly options: PumpOptions,
  ) {
    if (!(source instanceof Promise)) this.#answer = source;
    this.#lastWrite = options.clock.monotonic();
  }

  start(controller: ReadableStreamDefaultController<Uint8Array>): void {
    this.#tick(controller);
    this.#progress(controller);
    if (this.#answer) this.#limit(controller);
  }

  async pull(controller: ReadableStreamDefaultController<Uint8Array>): Promise<void> {
    const now = this.options.clock.monotonic();
    // The client asks for more as soon as it has taken what there was.
    this.#lastWrite = now;
    this.#waitingSince = now;
    try {
      if (!this.#answer) {
        this.#answer = await this.source;
        if (this.#ended) return this.#answer.cancel();
        // Until now the client waited for us to find a target, which is no silence of this one.
        this.#waitingSince = this.options.clock.monotonic();
        this.#limit(controller);
      }
      this.#heard = this.#answer.heard;
      const piece = await this.#answer.read();
      this.#waitingSince = undefined;
      if (this.#ended) return;
      if (piece === undefined) {
        this.#end({ type: "complete" });
        return controller.close();
      }
      if (this.#owesProgress) this.#tellProgress(controller);
      controller.enqueue(typeof piece === "string" ? utf8.encode(piece) : piece);
    } catch (error) {
      if (this.#ended) return;
      this.#fail(controller, error);
    }
  }

  cancel(): void {
    if (this.#ended) return;
    this.#answer?.cancel();
    this.#end({ type: "cancelled" });
  }

  #fail(controller: ReadableStreamDefaultController<Uint8Array>, error: unknown): void {
    const read = error instanceof TargetFailure ? this.options.read(error) : undefined;
    const told = read?.error ?? asGatewayError(error, this.options.clock.now());
    const text = this.options.encoder.fail(told, this.options.requestId);
    this.#answer?.cancel(error);
    this.#end({ type: "failed", error: told, failure: read?.failure });
    if (text !== "") controller.enqueue(utf8.encode(text));
    controller.close();
  }

  #end(outcome: StreamOutcome): void {
    this.#ended = true;
    this.#stopTick();
    this.#stopProgress();
    this.#stopTotal();
    this.options.onEnd(outcome);
  }

  #limit(controller: ReadableStreamDefaultController<Uint8Array>): void {
    const ms = this.options.totalMs?.();
    if (ms === undefined) return;
    this.#stopTotal = this.options.clock.after(Math.max(0, ms), () => {
      if (!this.#ended)
        this.#fail(controller, new TargetFailure("timeout", "The answer took longer than allowed."));
    });
  }

  #progress(controller: ReadableStreamDefaultController<Uint8Array>): void {
    const { progress, clock } = this.options;
    if (!progress) return;
    this.#stopProgress = clock.after(progress.everyMs, () => {
      if (this.#ended) return;
      if (this.#waitingSince === undefined) this.#owesProgress = true;
      else this.#tellProgress(controller);
      this.#progress(controller);
    });
  }

  #tellProgress(controller: ReadableStreamDefaultController<Uint8Array>): void {
    this.#owesProgress = false;
    this.#lastWrite = this.options.clock.monotonic();
    controller.enqueue(utf8.encode(this.options.progress?.frame() ?? ""));
  }

  #beat(controller: ReadableStreamDefaultController<Uint8Array>, now: number): void {
    const beat = this.options.encoder.heartbeat();
    if (beat === "") return;
    this.#lastWrite = now;
    controller.enqueue(utf8.encode(beat));
  }

  /** How long the client has waited for the provider, in milliseconds. */
  #waited(): number {
    return this.#waitingSince === undefined ? 0 : this.options.clock.monotonic() - this.#waitingSince;
  }

  #tick(controller: ReadableStreamDefaultController<Uint8Array>): void {
    const idleLeft = this.#answer ? this.options.idleMs() - this.#waited() : TICK_MS;
    const next = Math.min(TICK_MS, Math.max(SHORTEST_TICK_MS, idleLeft));
    this.#stopTick = this.options.clock.after(next, () => {
      if (this.#ended) return;
      const now = this.options.clock.monotonic();
      const idleMs = this.options.idleMs();
      // What is not for the client's eyes (hidden reasoning, counts) is a sign of life all the same.
      if (this.#answer && this.#answer.heard !== this.#heard) {
        this.#heard = this.#answer.heard;
        if (this.#waitingSince !== undefined) this.#waitingSince = now;
      }
      if (this.#answer && this.#waitingSince !== undefined && this.#waited() >= idleMs) {
        const seconds = Math.round(idleMs / 1000);
        const failure = new TargetFailure("timeout", `The provider sent nothing for ${seconds} s.`);
        if (!this.#answer.interrupt?.(failure)) return this.#fail(controller, failure);
        this.#waitingSince = now;
      }
      if (this.#waitingSince !== undefined && now - this.#lastWrite >= HEARTBEAT_MS)
        this.#beat(controller, now);
      this.#tick(controller);
    });
  }
}

/** What a client is told of any failure; anything unforeseen is our own fault and says nothing of its insides. */
export function asGatewayError(error: unknown, now: number): GatewayError {
  if (error instanceof GatewayError) return error;
  if (error instanceof TargetFailure) return error.toGatewayError(now);
  return new GatewayError("internal_server_error", "OmniRoute failed inside; the log has the details.", {
    cause: error,
  });
}
