import { TargetFailure } from "../../core/errors.ts";
import type { Clock } from "../../lib/clock.ts";
import { asGatewayError, type StreamOutcome } from "../pump.ts";

/** A provider's bytes of which the first have come: from here on no other target can answer. */
export type OpenedBytes = {
  first: Uint8Array;
  reader: ReadableStreamDefaultReader<Uint8Array>;
};

/** Waits for the first bytes. Throws `TargetFailure` when there are none. */
export async function openBytes(stream: ReadableStream<Uint8Array>): Promise<OpenedBytes> {
  const reader = stream.getReader() as ReadableStreamDefaultReader<Uint8Array>;
  for (;;) {
    const { done, value } = await readFrom(reader);
    if (done) throw new TargetFailure("malformed", "The provider's answer was empty.");
    if (value.length > 0) return { first: value, reader };
  }
}

async function readFrom(reader: ReadableStreamDefaultReader<Uint8Array>) {
  try {
    return await reader.read();
  } catch (error) {
    if (error instanceof TargetFailure) throw error;
    const words = "The connection to the provider broke in the middle of the answer.";
    throw new TargetFailure("malformed", words, { cause: error });
  }
}

export type ByteOptions = {
  clock: Clock;
  /** Longest silence of the provider. */
  idleMs: number;
  /** How long all of it may still take; undefined where there is no limit. */
  totalMs?: number;
  /** Reads along. */
  watch(bytes: Uint8Array): void;
  onEnd(outcome: StreamOutcome): void;
};

/**
 * The body for the client, pulled only as fast as it reads. Bytes have no place for an error, so an answer that
 * breaks off breaks the client's connection too, and nobody takes half of it for the whole.
 */
export function bytesFor(opened: OpenedBytes, options: ByteOptions): ReadableStream<Uint8Array> {
  const { reader } = opened;
  const until = options.clock.monotonic() + (options.totalMs ?? Infinity);
  let first: Uint8Array | undefined = opened.first;
  let ended = false;
  const end = (outcome: StreamOutcome) => {
    if (ended) return;
    ended = true;
    options.onEnd(outcome);
  };
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          const piece = first ?? (await nextPiece(reader, options, until));
          first = undefined;
          if (piece === undefined) {
            end({ type: "complete" });
            return controller.close();
          }
          options.watch(piece);
          controller.enqueue(piece);
        } catch (error) {
          void reader.cancel(error).catch(() => {});
          const failure = error instanceof TargetFailure ? error : undefined;
          end({ type: "failed", error: asGatewayError(error, options.clock.now()), failure });
          controller.error(error);
        }
      },
      cancel(reason) {
        void reader.cancel(reason).catch(() => {});
        end({ type: "cancelled" });
      },
    },
    { highWaterMark: 0 },
  );
}

async function nextPiece(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  { clock, idleMs }: ByteOptions,
  until: number,
): Promise<Uint8Array | undefined> {
  const { promise: silence, reject } = Promise.withResolvers<never>();
  const left = until - clock.monotonic();
  const words =
    left < idleMs
      ? "The answer took longer than allowed."
      : `The provider sent nothing for ${Math.round(idleMs / 1000)} s.`;
  const cancel = clock.after(Math.max(0, Math.min(left, idleMs)), () =>
    reject(new TargetFailure("timeout", words)),
  );
  try {
    const { done, value } = await Promise.race([readFrom(reader), silence]);
    return done ? undefined : value;
  } finally {
    cancel();
  }
}
